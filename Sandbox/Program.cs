using Sandbox.Bank;
using Sandbox.Callbacks;
using Sandbox.Clock;
using Sandbox.Home;
using Sandbox.Inbox;
using Sandbox.Signing;
using Sandbox.Stripe;
using ServiceDefaults;
using ServiceDefaults.Starting;

if (args is not ["sign", ..] && ProgramHelp.IsPrinted(args,
    """
    Sandbox is the outside world, for development: a bank that takes transfers and calls back, a small Stripe, and an inbox for webhooks.

      Sandbox                 runs until it is stopped
      Sandbox sign --help     signs a bank's callback or a webhook, and prints the curl line that sends it
    """)) return 0;

if (args is ["sign", .. var arguments])
{
    var secret = Environment.GetEnvironmentVariable(SignCommand.SecretVariable);
    return await SignCommand.RunAsync(arguments, secret, Console.In, Console.Out, Console.Error, TimeProvider.System);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(
    "sandbox",
    "The outside world, for development: a bank that takes transfers and calls back, a small Stripe, and an inbox for webhooks.");
builder.RefuseOutsideDevelopment();
builder.AddCallbacks();
builder.AddBank(seed => seed is { } given ? new Random(given) : Random.Shared);
builder.AddStripe(seed => seed is { } given ? new Random(given) : Random.Shared);
builder.AddInbox(seed => seed is { } given ? new Random(given) : Random.Shared);
builder.AddClock();

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults();
app.MapHome();
app.MapBank();
app.MapStripe();
app.MapInbox();
app.MapClock();
await app.RunAsync();
return 0;
