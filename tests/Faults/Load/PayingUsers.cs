using System.Net.Http.Json;
using System.Text.Json;
using Faults.Running;

namespace Faults.Load;

/// <summary>Users with keys of their own, for a <see cref="Payer"/>.</summary>
internal static class PayingUsers
{
    /// <summary>Registers them at the front door.</summary>
    /// <param name="system">Where.</param>
    /// <param name="name">Their addresses begin with it: no two tests on one system have the same.</param>
    /// <param name="count">How many.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IReadOnlyList<(long Id, string Key)>> AddAsync(RunningSystem system, string name, int count, CancellationToken stop)
    {
        var users = new List<(long, string)>();
        for (var n = 0; n < count; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/users");
            request.Content = JsonContent.Create(new { email = $"{name}{n}@example.com" });
            request.Headers.Add("X-API-Key", RunningSystem.AdminKey);
            using var response = await system.Door.SendAsync(request, stop);
            var user = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(stop);
            users.Add((user.GetProperty("user_id").GetInt64(), user.GetProperty("api_key").GetString()!));
        }

        return users;
    }
}
