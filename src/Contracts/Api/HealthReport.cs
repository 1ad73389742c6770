namespace HealthTrack.Contracts.Api;

/// <summary>The answer of <c>GET /readyz</c>: 200 whenever the process can serve; the body says what is not as it should be.</summary>
/// <param name="Status"><c>ok</c>, or <c>degraded</c> where a component is.</param>
/// <param name="Components">Each component by name: <c>store</c>, <c>sources</c>, <c>workers</c>.</param>
public sealed record HealthReport(string Status, IReadOnlyDictionary<string, ComponentHealth> Components);

/// <summary>One component.</summary>
/// <param name="Status"><c>ok</c> or <c>degraded</c>.</param>
/// <param name="Message">For people.</param>
public sealed record ComponentHealth(string Status, string Message);
