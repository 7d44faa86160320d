using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Users;

/// <summary>A user of the payment gateway.</summary>
internal sealed record User(long UserId, string Email, string Currency, bool IsAdmin, DateTimeOffset CreatedAt);

/// <summary>A page of users.</summary>
internal sealed record UserList(IReadOnlyList<User> Data, string? NextCursor);

/// <summary>A user with a key that is shown once: a new user, or one whose key was replaced.</summary>
internal sealed record UserWithKey(long UserId, string Email, string ApiKey);

/// <summary>Source-generated JSON of users; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(UserWithKey))]
internal sealed partial class UserJson : JsonSerializerContext;
