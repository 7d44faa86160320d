namespace Contracts;

/// <summary>The body of a record of <see cref="Topics.Deliveries"/>: an endpoint has deliveries that are due. Which, its rows say.</summary>
/// <param name="EndpointId">The endpoint, a UUID; the record's key.</param>
public sealed record DeliveryMessage(Guid EndpointId);
