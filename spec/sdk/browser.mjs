// The page of examples/browser-upload in a real browser: browser.mjs ADDRESS FOLDER [PICTURE.png]
// FOLDER has `large`, `small/` with files of odd names, and `one`. It prints what it saw, as JSON;
// the spec judges. With a name for a picture it makes that, and ends.
import { readdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [address, folder] = process.argv.slice(2);
const LIMIT = 240_000; // milliseconds of one wait
const seen = { origins: {}, errors: [] };
const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext();
const page = await context.newPage();
page.setDefaultTimeout(LIMIT);
page.on("request", (request) => { seen.origins[new URL(request.url()).origin] = true; });
page.on("pageerror", (error) => { seen.errors.push(String(error)); });

const texts = () => page.$$eval(".row", (rows) => rows.map((row) => ({
  name: row.querySelector(".name").textContent, state: row.querySelector(".state").textContent,
  bar: row.querySelector("progress").value, markup: row.querySelectorAll("img").length,
})));
const row = (name, on = page) => on.locator(".row", { has: on.getByText(name, { exact: true }) });
const done = (name) => row(name).locator(".state", { hasText: "Uploaded" }).waitFor();
const choose = (paths) => page.locator("#files").setInputFiles(paths);
const ofPart = (url) => url.searchParams.has("partNumber");
const isPart = (request) => request.method() === "PUT" && ofPart(new URL(request.url()));

// Lets two parts of a file through and holds the others, so that it is under way for as long as a
// click takes. Returns what lets all through again.
async function chooseAndHold(name) {
  let parts = 0;
  const isHeld = (url) => url.pathname.endsWith(`/${name}`) && ofPart(url);
  let begun;
  const underWay = new Promise((resolve) => { begun = resolve; });
  await page.route(isHeld, (route) => {
    parts += 1;
    if (parts === 5) { // three are sent at a time: two have arrived
      begun();
    }
    return parts <= 2 ? route.continue() : undefined;
  });
  await choose([`${folder}/${name}`]);
  await underWay;
  return () => page.unroute(isHeld);
}

// ---- nobody, then a visitor ----

await page.goto(address + "/");
await choose([`${folder}/one`]);
await page.locator("#notice:not([hidden])").waitFor();
seen.unknown = { notice: await page.locator("#notice").textContent(), rows: await texts() };
await page.goto(address + "/login");

// ---- a large file, of which a part is cut off, while the bar moves; credentials that end ----

let credentials = 0;
await page.route("**/credentials", async (route) => {
  const response = await route.fetch();
  const given = await response.json();
  credentials += 1;
  if (credentials === 1) { // R2 will refuse it
    given.secretAccessKey = given.secretAccessKey.replace(/^./, (c) => (c === "0" ? "1" : "0"));
  } else if (credentials < 6) { // it is about to end
    given.expiration = new Date(Date.now() + 60_000).toISOString();
  }
  await route.fulfill({ response, json: given });
});
let cut = 0;
await page.route(ofPart, (route) => {
  cut += 1;
  return cut === 3 || cut === 5 ? route.abort("connectionreset") : route.continue();
});
const sizes = [];
page.on("requestfinished", (request) => { if (isPart(request)) { sizes.push(request.url()); } });
await choose([`${folder}/large`]);
const bars = new Set();
const large = row("large");
while (!(await large.locator(".state").textContent()).startsWith("Uploaded")) {
  bars.add(await large.locator("progress").evaluate((bar) => bar.value));
  const state = await large.locator(".state").textContent();
  if (!/^(Waiting|Uploaded|[\d.]+ \w+ of )/.test(state)) {
    seen.errors.push(state);
    break;
  }
}
seen.large = { bars: bars.size, parts: new Set(sizes).size, credentials, cut: cut > 5 };

// ---- one that is paused, goes on, and one that is cancelled ----

let letThrough = await chooseAndHold("paused");
await row("paused").getByRole("button", { name: "Pause paused" }).click();
seen.paused = await row("paused").locator(".state").textContent();
if (process.argv[4]) { // a picture for the README
  await choose([`${folder}/one`]);
  await done("one");
  await page.setViewportSize({ width: 760, height: 700 });
  await page.evaluate(() => { scrollTo(0, 0); document.activeElement.blur(); });
  await page.screenshot({ path: process.argv[4] });
  await browser.close();
  process.exit();
}
await letThrough();
await row("paused").getByRole("button", { name: "Resume paused" }).click();
await done("paused");
letThrough = await chooseAndHold("cancelled");
const aborted = page.waitForResponse((response) => response.request().method() === "DELETE");
await row("cancelled").getByRole("button", { name: "Cancel cancelled" }).click();
seen.cancelled = (await aborted).status();
await letThrough();
await page.unroute("**/credentials");

// ---- many small ones, of odd names; what fails for good, and is tried again ----

await choose(readdirSync(`${folder}/small`).map((name) => `${folder}/small/${name}`));
for (const name of readdirSync(`${folder}/small`)) {
  await done(name.normalize("NFC"));
}
await page.route((url) => url.pathname.endsWith("/one"), (route) => route.abort("connectionreset"));
await choose([`${folder}/one`]);
await row("one").getByRole("button", { name: "Try again one" }).waitFor();
seen.failed = await row("one").locator(".state").textContent();
await page.unrouteAll();
await row("one").getByRole("button", { name: "Try again one" }).click();
await done("one");
seen.rows = await texts();
seen.summary = await page.locator("#summary").textContent();

// ---- a visitor whose clock is an hour ahead ----

const early = await context.newPage();
await early.addInitScript(() => {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { super(...(given.length ? given : [Real.now() + 3_600_000])); }

    static now() { return Real.now() + 3_600_000; }
  };
});
await early.goto(address + "/");
let asked = 0;
early.on("request", (request) => { asked += request.url().endsWith("/credentials") ? 1 : 0; });
await early.locator("#files").setInputFiles([`${folder}/one`, `${folder}/small/a b`]);
for (const name of ["one", "a b"]) {
  await row(name, early).locator(".state", { hasText: /^(Uploaded|Storage)/ }).waitFor();
}
seen.early = { states: await early.locator(".state").allTextContents(), asked };
await early.close();

// ---- a Complete that fails with status 200 ----

await page.route((url) => url.searchParams.has("uploadId") && !ofPart(url),
  (route) => (route.request().method() === "POST" ? route.fulfill({
    status: 200, contentType: "application/xml", body: "<Error><Code>InternalError</Code></Error>",
    headers: { "access-control-allow-origin": "*" },
  }) : route.continue()));
await choose([`${folder}/nonsense`]);
await row("nonsense").getByRole("button", { name: "Try again nonsense" }).waitFor();
seen.nonsense = await row("nonsense").locator(".state").textContent();
await page.unrouteAll();
const given = page.waitForResponse((response) => response.request().method() === "DELETE");
await row("nonsense").getByRole("button", { name: "Cancel nonsense" }).click();
await given;

// ---- what the credential is not for ----

seen.refused = await page.evaluate(async () => {
  const { send } = await import("/s3.mjs");
  const { credential } = await import("/credentials.mjs");
  const { safePath } = await import("/text.mjs");
  await credential();
  const told = (asked) => send(asked).then(() => "done", (error) => error.message);
  return {
    neighbour: await told({ method: "PUT", key: "uploads/visitor-4/x" }),
    neighbour_of_name: await told({ method: "PUT", key: "uploads/visitor-420/x" }),
    root: await told({ method: "PUT", key: "x" }),
    read: await told({ method: "GET", key: "uploads/visitor-42/x" }),
    list: await told({ method: "GET", key: "", query: { "list-type": "2" } }),
    delete: await told({ method: "DELETE", key: "uploads/visitor-42/x" }),
    paths: ["../x", "a/../../b", "/etc/passwd", "a\\b", "a\u0000b", "./", ""].map(safePath),
  };
});

// ---- for everybody ----

seen.axe = [];
for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1280]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(axe);
    const result = await page.evaluate(() => globalThis.axe.run());
    seen.axe.push(...result.violations.map(({ id, nodes }) =>
      `${colorScheme} ${width}: ${id} ${nodes[0].html}`));
    seen.wide = seen.wide || await page.evaluate(() =>
      document.documentElement.scrollWidth > innerWidth);
  }
}
await browser.close();
console.log(JSON.stringify(seen));
