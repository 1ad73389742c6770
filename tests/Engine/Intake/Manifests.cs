namespace HealthTrack.Engine.Tests.Intake;

/// <summary>Manifests that the intake's tests share.</summary>
internal static class Manifests
{
    public static string Yaml(string name, string url = "http://127.0.0.1:1/", string ns = "default") => $"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata:
          name: {name}
          namespace: {ns}
        spec:
          interval: 10s
          http:
            url: {url}

        """;

    public static string Json(string name, string url = "http://127.0.0.1:1/") =>
        $$$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{{name}}}"},"spec":{"http":{"url":"{{{url}}}"} } }""";
}
