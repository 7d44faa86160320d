using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace AppHost.Tests.Browser;

/// <summary>What visitors of the three areas do first.</summary>
internal static class Visitors
{
    public const string AdminKey = "development-admin-key-change-me";

    // Metadata is kept as it was sent, and another test holds that no answer has an escape it needs not.
    private static readonly JsonSerializerOptions AsTyped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Logs in as a user of the payment gateway.</summary>
    public static async Task LogInAsync(this IPage page, string email, string key)
    {
        await page.GotoAsync("/login");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.WaitForURLAsync("**/account");
    }

    /// <summary>Logs in with the admin key.</summary>
    public static async Task LogInAsOperatorAsync(this IPage page)
    {
        await page.GotoAsync("/admin/login");
        await page.GetByLabel("Admin key").FillAsync(AdminKey);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.WaitForURLAsync("**/admin");
    }

    /// <summary>Opens a customer's portal link, as the customer does.</summary>
    public static async Task OpenLinkAsync(this IPage page, RunningSystem system, string customer)
    {
        var link = await system.SendAsAdminAsync(HttpMethod.Post, "/webhooks/portal-links", new JsonObject { ["customer_id"] = customer });
        await page.GotoAsync(new Uri(link.GetProperty("url").GetString()!).PathAndQuery);
    }

    /// <summary>A new user, with the key that is shown once.</summary>
    public static async Task<(string Email, string Key)> NewUserAsync(this RunningSystem system)
    {
        var email = $"payer_{Guid.NewGuid():N}@example.com";
        var user = await system.SendAsAdminAsync(HttpMethod.Post, "/api/v1/users", new JsonObject { ["email"] = email });
        return (email, user.GetProperty("api_key").GetString()!);
    }

    /// <summary>Calls the API with the admin key; a refusal fails the test with its body.</summary>
    public static async Task<JsonElement> SendAsAdminAsync(this RunningSystem system, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(AsTyped), Encoding.UTF8, "application/json");
        request.Headers.Add("X-API-Key", AdminKey);
        using var response = await system.Client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text.Length == 0 ? "{}" : text);
    }
}
