using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.Link;

/// <summary>
/// An assignment as it crosses the link: the manifest, which the worker reads as strictly as the control plane did, and the values of the secrets.
/// </summary>
internal static class AssignmentCodec
{
    public static V1.Assignment Write(Assignment assignment)
    {
        var wire = new V1.Assignment
        {
            Uid = LinkText.Cut(assignment.Uid),
            Namespace = LinkText.Cut(assignment.Key.Namespace),
            Name = LinkText.Cut(assignment.Key.Name),
            Generation = assignment.Generation,
            Location = LinkText.Cut(assignment.Location),
            Manifest = LinkText.Cut(assignment.Manifest),
            CheckSoon = assignment.CheckSoon,
        };
        foreach (var (secret, value) in assignment.Secrets)
            wire.Secrets.Add(new V1.Secret { Name = LinkText.Cut(secret.Name), Key = LinkText.Cut(secret.Key), Value = LinkText.Cut(value) });
        return wire;
    }

    /// <summary>Reads what names the assignment; what is wrong with the rest of it is the assignment's own matter.</summary>
    /// <exception cref="BrokenMessageException">It names none.</exception>
    public static AssignmentId ReadId(string uid, string location) =>
        new(LinkText.Name(uid, "The uid of an assignment"), LinkText.Name(location, "The location of an assignment"));

    /// <summary>The assignment; null where this program cannot check it, and then <paramref name="refusal"/> says why.</summary>
    public static Assignment? Read(V1.Assignment wire, out string refusal)
    {
        refusal = "";
        if (wire.Generation < 0)
            return Refuse($"its generation is {wire.Generation}", out refusal);
        var documents = ManifestReader.Read(wire.Manifest, "the link");
        if (documents is not [{ Key: { } key } document] || key != new MonitorKey(wire.Namespace, wire.Name))
            return Refuse("its manifest is not the one monitor that it names", out refusal);
        var declaration = MonitorDeclarations.From(document, wire.Uid, document.Origin, wire.Generation);
        if (declaration.Errors is [var error, ..])
            return Refuse(error.ToString(), out refusal);
        if (declaration.Monitor is not { } monitor)
            return Refuse("this version of the worker cannot make this kind of check", out refusal);
        if (wire.Secrets.Count > LinkLimits.Secrets)
            return Refuse("it has too many secrets", out refusal);
        var secrets = new Dictionary<SecretRef, string>();
        foreach (var secret in wire.Secrets)
            secrets[new SecretRef(secret.Name, secret.Key)] = secret.Value;
        foreach (var needed in monitor.Spec.Check.Secrets)
        {
            if (!secrets.ContainsKey(needed))
                return Refuse($"the value of its secret {needed} was not sent", out refusal);
        }
        return Assignment.Of(monitor, wire.Location, secrets) with { Manifest = wire.Manifest, CheckSoon = wire.CheckSoon };
    }

    private static Assignment? Refuse(string reason, out string refusal)
    {
        refusal = LinkText.Cut(reason, LinkLimits.ReasonLength);
        return null;
    }
}
