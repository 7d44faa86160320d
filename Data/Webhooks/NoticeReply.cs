using System.ComponentModel;
using System.Text.Json.Serialization;
using Contracts;

namespace Data.Webhooks;

/// <summary>A notice to operators: the data of events <c>operations.*</c>.</summary>
/// <param name="Cause">What it is about, such as <c>worker:worker-2</c>: the same for the same cause.</param>
/// <param name="Detail">What happened, one sentence.</param>
/// <param name="WhatToDo">What to do about it, one sentence.</param>
/// <param name="Link">Where to look, a path of this API or of the portal.</param>
/// <param name="FirstSeenAt">When it was first seen, UTC.</param>
/// <param name="Count">How often it was seen since.</param>
[DisplayName("Notice")]
public sealed record NoticeReply(
    [property: Description("What it is about: the same for the same cause.")] string Cause,
    [property: Description("What happened, one sentence.")] string Detail,
    [property: Description("What to do about it, one sentence.")] string WhatToDo,
    [property: Description("Where to look, a path of this system.")] string Link,
    [property: Description("When it was first seen, UTC.")] DateTime FirstSeenAt,
    [property: Description("How often it was seen since.")] long Count);

/// <summary>Source-generated JSON of a notice; snake_case, with every member.</summary>
[JsonSerializable(typeof(NoticeReply))]
public sealed partial class NoticeJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static NoticeJson Wire { get; } = new(WireJson.Options());
}
