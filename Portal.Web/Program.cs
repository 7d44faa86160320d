using Portal.Web.Cors;
using Portal.Web.Docs;
using Portal.Web.FrontDoor;
using Portal.Web.Health;
using Portal.Web.Home;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("portal", "The front door: one base URL for every path, and the health of what is behind it.");
builder.AddApiDescription("portal");
builder.AddFrontDoor();
builder.AddServicesHealth();
builder.AddCrossOrigin();

var app = builder.Build();
app.UseServiceDefaults();
app.UseCrossOrigin();
app.UseDocs();
app.MapServiceDefaults();
app.MapDocs();
app.MapHome();
app.MapFrontDoor();
app.Run();
