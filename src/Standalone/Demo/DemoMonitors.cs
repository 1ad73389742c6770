namespace HealthTrack.Standalone.Demo;

/// <summary>The monitors of the demo, as manifests.</summary>
internal static class DemoMonitors
{
    /// <summary>One YAML document each, in the order that their ids are given in.</summary>
    public static IEnumerable<string> For(DemoTargets targets)
    {
        var url = targets.Url;
        yield return Monitor("checkout-api", "Checkout API", "shop", $"{url}/well", """
                expect:
                  status: ["2xx"]
                  body: [{jsonPath: "$.status", equals: ok}]
            """);
        yield return Monitor("storefront", "Storefront", "shop", $"{url}/fast");
        yield return Monitor("search", "Search", "shop", $"{url}/slow", timeout: "1800ms", extra: "  apdex: {threshold: 1500ms}\n");
        yield return Monitor("payments", "Payments", "shop", $"{url}/failing", interval: "3s");
        yield return Monitor("inventory", "Inventory", "shop", targets.RefusingUrl + "/");
        yield return Monitor("recommendations", "Recommendations", "shop", $"{url}/flaky", extra: "  failureThreshold: 3\n");
        yield return Monitor("partner-feed", "Partner feed", "partners", $"{url}/missing", interval: "3s");
        yield return Monitor("invoices", "Invoices", "back-office", $"{url}/maintenance", """
                expect:
                  body: [{jsonPath: "$.status", equals: ok}]
            """, interval: "5s");
        yield return Monitor("geo-lookup", "Geo lookup", "partners", $"{url}/hangs", timeout: "1500ms");
        yield return Monitor("reports", "Monthly reports", "back-office", $"{url}/slower", interval: "3s", timeout: "2800ms");
        yield return Monitor("sign-in", "Sign-in", "identity", $"{url}/well");
        yield return Monitor("legacy-crm", "Legacy CRM", "back-office", $"{url}/well", extra: "  suspend: true\n");
    }

    private static string Monitor(
        string name, string displayName, string team, string url, string http = "", string interval = "2s", string timeout = "1s", string extra = "") =>
        $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata:
          name: {{name}}
          namespace: demo
          labels: {team: {{team}}}
        spec:
          displayName: {{displayName}}
          interval: {{interval}}
          timeout: {{timeout}}
          http:
            url: {{url}}

        """ + (http.Length == 0 ? "" : http + "\n") + extra;
}
