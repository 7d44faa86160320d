using Portal.Web.Cors;
using Portal.Web.Docs;
using Portal.Web.FrontDoor;
using Portal.Web.Health;
using Portal.Web.Home;
using Portal.Web.Shell;
using ServiceDefaults;
using ServiceDefaults.Requests;
using ServiceDefaults.Starting;

if (ProgramHelp.IsPrinted(args,
    """
    Portal.Web is the front door: one base URL for the whole API, its documentation at /docs, and pages for users (/account), operators (/admin) and
    receivers of webhooks (/consumer).
    It needs the addresses of the services behind it: services__ingest-api__http__0, services__query-api__http__0, services__processor-worker__http__0.
    """)) return;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("portal", "The front door: one base URL for every path, and the health of what is behind it.");
builder.AddApiDescription("portal");
builder.AddFrontDoor();
builder.AddServicesHealth();
builder.AddCrossOrigin();
builder.AddPages();

var app = builder.Build();
app.UseServiceDefaults();
app.UseKnownProxies();
app.UseCrossOrigin();
app.UseDocs();
app.UsePages();
app.MapServiceDefaults();
app.MapDocs();
app.MapHome();
app.MapFavicon();
app.MapPages();
app.MapFrontDoor();
app.Run();
