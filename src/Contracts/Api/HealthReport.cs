namespace HealthTrack.Contracts.Api;

/// <summary>The answer of <c>GET /readyz</c>: 200 whenever the process can serve; the body says what is not as it should be.</summary>
/// <param name="Status"><c>ok</c>; <c>degraded</c> where a component is; else <c>standby</c> on a process that does not lead.</param>
/// <param name="Components">Each component by name: <c>leadership</c>, <c>store</c>, <c>sources</c>, <c>locations</c>, <c>workers</c>, and <c>redis</c> and <c>kafka</c> where there are such; a standby
/// has leadership and sources.</param>
public sealed record HealthReport(string Status, IReadOnlyDictionary<string, ComponentHealth> Components);

/// <summary>One component.</summary>
/// <param name="Status"><c>ok</c> or <c>degraded</c>.</param>
/// <param name="Message">For people.</param>
public sealed record ComponentHealth(string Status, string Message);
