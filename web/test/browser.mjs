// Opens the console in headless Chromium, with a microphone that says something again and again.
import puppeteer from 'puppeteer-core';

export const limit = Number(process.env.LIMIT ?? 120_000); // ms for what a busy machine may take

/** open starts a browser. Problems of the page are kept in browser.problems. */
export async function open({ chromium, sound }) {
  const browser = await puppeteer.launch({
    executablePath: chromium, headless: true, protocolTimeout: 2 * limit,
    args: [
      '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(sound ? [`--use-file-for-fake-audio-capture=${sound}`] : []),
    ],
  });
  browser.problems = [];
  browser.asked = new Set();
  return browser;
}

/** visit opens a page, and records what it complains of and whom it asks. */
export async function visit(browser, address, { width = 1440, height = 1000, scheme = 'dark', wait = '.panel' } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  page.on('pageerror', (e) => browser.problems.push(`page: ${e.message}`));
  page.on('console', (m) => {
    // A picture that is not kept any more; a room that nobody was in is closed by the server, and opened again at once.
    const gone = /\/Get(Sight|RoomState)$/.test(m.location().url ?? '') && /status of 40[04]/.test(m.text());
    if (m.type() === 'error' && !gone) browser.problems.push(`console: ${m.text()} ${m.location().url ?? ''}`);
  });
  page.on('request', (r) => browser.asked.add(new URL(r.url()).origin));
  page.setDefaultTimeout(limit);
  await page.goto(address);
  await page.waitForSelector(wait);
  return page;
}

/** until waits for something to be true in the page, and returns it. */
export async function until(page, what, test, ...args) {
  try {
    const handle = await page.waitForFunction(test, { timeout: limit, polling: 100 }, ...args);
    return await handle.jsonValue();
  } catch (e) {
    const text = await page.evaluate(() => document.body.innerText).catch(() => '');
    throw new Error(`${what}: ${e.message}\n${text}`);
  }
}

/** press clicks the button of a name, when it may be pressed. */
export async function press(page, name, within = 'body') {
  await until(page, `a button ${name}`, (n, w) => {
    const found = [...document.querySelectorAll(`${w} button`)].find((b) => (b.getAttribute('aria-label') ?? b.textContent).trim() === n && !b.disabled && b.getAttribute('aria-disabled') !== 'true');
    found?.click();
    return Boolean(found);
  }, name, within);
}

/** pressed waits until a button that stays pressed is, or is not. */
export const pressed = (page, name, is) => until(page, `${name} ${is ? '' : 'not '}pressed`, (n, want) => (
  [...document.querySelectorAll('button[aria-pressed]')].find((b) => b.textContent === n)?.getAttribute('aria-pressed') === String(want)), name, is);

/** choose shows a room, and waits until the page does: what is pressed before is pressed in the one before. */
export async function choose(page, room) {
  await until(page, `room ${room}`, (r) => [...document.querySelectorAll('.room option')].some((o) => o.value === r), room);
  await page.select('.room select', room);
  await until(page, `room ${room} is shown`, (r) => [...document.querySelectorAll('.house h3')].some((h) => h.textContent === `Personas in ${r}`), room);
}

/** write fills a field that has the focus or is found, as a keyboard would. */
export async function write(page, selector, text) {
  await page.waitForSelector(selector);
  await page.click(selector);
  await page.keyboard.down('Control');
  await page.keyboard.press('KeyA');
  await page.keyboard.up('Control');
  await page.type(selector, text);
}
