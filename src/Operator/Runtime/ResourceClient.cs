using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>Reads and writes single objects of one kind. Thread-safe.</summary>
/// <param name="api">The API server.</param>
/// <param name="definition">The kind.</param>
internal sealed class ResourceClient<T>(KubernetesApi api, ResourceDefinition definition)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private const int Tries = 5;

    /// <summary>The object as the API server holds it.</summary>
    /// <returns>Null where it does not exist.</returns>
    /// <exception cref="KubernetesApiException">Any other refusal, or no answer.</exception>
    public async Task<T?> FindAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return Read(await api.ReadAsync(HttpMethod.Get, definition.Path(key), null, KubernetesApi.Json, cancellationToken));
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes an object.</summary>
    /// <exception cref="KubernetesApiException">Refused (409: it exists), or no answer.</exception>
    public async Task<T> CreateAsync(string ns, string json, CancellationToken cancellationToken) =>
        Read(await api.ReadAsync(HttpMethod.Post, definition.CollectionPath(ns), json, KubernetesApi.Json, cancellationToken));

    /// <summary>
    /// Changes an object whatever others do to it at the same time: where one of them was first, the change is made anew to what they left.
    /// </summary>
    /// <param name="key">Which.</param>
    /// <param name="change">Changes the object, given as the API server holds it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where it does not exist.</returns>
    /// <exception cref="KubernetesApiException">Refused, no answer, or five times in a row somebody else was first (409).</exception>
    public async Task<T?> ChangeAsync(ResourceKey key, Action<JsonObject> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var json = JsonNode.Parse(await api.ReadAsync(HttpMethod.Get, definition.Path(key), null, KubernetesApi.Json, cancellationToken))!.AsObject();
                // The resourceVersion that is in it makes the write fail where the object changed since.
                change(json);
                return Read(await api.ReadAsync(HttpMethod.Put, definition.Path(key), json.ToJsonString(), KubernetesApi.Json, cancellationToken));
            }
            catch (KubernetesApiException e) when (e.Status == HttpStatusCode.Conflict && attempt < Tries)
            {
                // Somebody was first: look again.
            }
            catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
            {
                return null;
            }
        }
    }

    /// <summary>Merges a patch into an object.</summary>
    /// <returns>Null where it does not exist.</returns>
    /// <exception cref="KubernetesApiException">Refused (409: not the resourceVersion in the patch), or no answer.</exception>
    public async Task<T?> MergeAsync(ResourceKey key, JsonObject patch, CancellationToken cancellationToken)
    {
        try
        {
            return Read(await api.ReadAsync(HttpMethod.Patch, definition.Path(key), patch.ToJsonString(), KubernetesApi.MergePatch, cancellationToken));
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Applies an object, making it where it does not exist and taking the fields that others own.</summary>
    /// <param name="key">Which.</param>
    /// <param name="json">The object with apiVersion, kind, metadata and whatever else of it is ours.</param>
    /// <param name="fieldManager">In whose name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The object as the API server holds it then.</returns>
    /// <exception cref="KubernetesApiException">Refused, or no answer.</exception>
    public async Task<T> ApplyAsync(ResourceKey key, string json, string fieldManager, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{definition.Path(key)}?fieldManager={Uri.EscapeDataString(fieldManager)}&force=true");
        return Read(await api.ReadAsync(HttpMethod.Patch, path, json, KubernetesApi.Apply, cancellationToken));
    }

    /// <summary>Applies a status, taking the fields that others own.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="json">The object with apiVersion, kind, metadata and status.</param>
    /// <param name="fieldManager">In whose name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="uid">
    /// Which incarnation is meant; null: whichever there is. The API server does not look at the UID where a status is applied: the answer says whose it was.
    /// </param>
    /// <returns>False where the object does not exist, or another than the one meant has the name by now.</returns>
    /// <exception cref="KubernetesApiException">Refused, or no answer.</exception>
    public async Task<bool> ApplyStatusAsync(ResourceKey key, string json, string fieldManager, CancellationToken cancellationToken, string? uid = null)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{definition.Path(key)}/status?fieldManager={Uri.EscapeDataString(fieldManager)}&force=true");
        try
        {
            var answer = await api.ReadAsync(HttpMethod.Patch, path, json, KubernetesApi.Apply, cancellationToken);
            return uid is null || UidOf(answer) == uid;
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Deletes an object.</summary>
    /// <returns>False where it does not exist.</returns>
    /// <exception cref="KubernetesApiException">Refused, or no answer.</exception>
    public async Task<bool> DeleteAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            await api.ReadAsync(HttpMethod.Delete, definition.Path(key), null, KubernetesApi.Json, cancellationToken);
            return true;
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private string? UidOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetProperty("metadata").GetProperty("uid").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new KubernetesApiException($"the answer is no {definition.Kind}: {e.Message}", e);
        }
    }

    private T Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return EntityReader.Read<T>(document.RootElement, definition);
        }
        catch (JsonException e)
        {
            throw new KubernetesApiException($"the answer is no {definition.Kind}: {e.Message}", e);
        }
    }
}
