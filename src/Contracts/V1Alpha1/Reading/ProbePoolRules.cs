using System.Net;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>The rules between the fields of a ProbePool, and those that a schema cannot say. Runs over pools with holes too.</summary>
internal static class ProbePoolRules
{
    private const int LongestName = 63;

    public static void Check(ProbePool pool, Findings findings)
    {
        MetadataRules.Check(pool.Metadata, findings);
        if (pool.Metadata?.Name is { } name && (name.Length > LongestName || name.Contains('.', StringComparison.Ordinal)))
            findings.Add("metadata.name", "must be at most 63 lower-case letters, digits and -, because monitors name the pool by it");
        if (pool.Spec is not { } spec)
            return;
        if (spec.External is not null && (spec with { External = null }) != new ProbePoolSpec())
            findings.Add("spec", "external stands alone, because the workers run elsewhere: leave replicas, image, imagePullSecrets, resources, nodeSelector, tolerations and egress out");
        MetadataRules.CheckKeys("spec.nodeSelector", spec.NodeSelector, findings);
        MetadataRules.CheckKeys("spec.resources.requests", spec.Resources?.Requests, findings);
        MetadataRules.CheckKeys("spec.resources.limits", spec.Resources?.Limits, findings);
        CheckTolerations(spec.Tolerations ?? [], findings);
        CheckRanges("spec.egress.allowCIDRs", spec.Egress?.AllowCIDRs ?? [], findings);
        CheckRanges("spec.egress.denyCIDRs", spec.Egress?.DenyCIDRs ?? [], findings);
    }

    // As the API server has it for pods: a Deployment that it refuses is of no use to anybody.
    private static void CheckTolerations(IReadOnlyList<TolerationSpec?> tolerations, Findings findings)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var path = FieldPath.Item("spec.tolerations", i);
            if (tolerations[i] is not { } toleration || findings.Broken($"{path}.operator", $"{path}.key"))
                continue;
            if (toleration is { Key: null, Operator: not "Exists" })
                findings.Add($"{path}.operator", "must be Exists where no key is given");
            if (toleration is { Operator: "Exists", Value.Length: > 0 })
                findings.Add($"{path}.value", "goes with operator Equal only");
            if (toleration is { TolerationSeconds: not null, Effect: not "NoExecute" } && !findings.Broken($"{path}.effect"))
                findings.Add($"{path}.tolerationSeconds", "goes with effect NoExecute only");
        }
    }

    private static void CheckRanges(string path, IReadOnlyList<string?> ranges, Findings findings)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            if (ranges[i] is { } range && !IPNetwork.TryParse(range, out _))
                findings.Add(FieldPath.Item(path, i), "must be a range such as 10.0.0.0/8 or fd00::/8");
        }
    }
}
