// Opens the page in headless Chromium. The first line of standard input is what the page and the
// devices are given, each further line a command; what the page reports goes to standard output, a
// line each. Ends with its input.
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import readline from 'node:readline';
import puppeteer from 'puppeteer-core';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const report = (line) => process.stdout.write(`${line}\n`);
const problem = (text) => report(JSON.stringify({ event: 'problem', text: String(text) }));

async function bundle() {
  const out = await build({
    entryPoints: [here('app.jsx')], bundle: true, write: false, format: 'iife', jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'silent',
  });
  return out.outputFiles[0].text;
}

async function serve(port) {
  const pages = { '/': ['text/html', await readFile(here('index.html'), 'utf8')], '/app.js': ['text/javascript', await bundle()] };
  const server = http.createServer((request, response) => {
    const page = pages[request.url];
    response.writeHead(page ? 200 : 404, { 'content-type': page ? page[0] : 'text/plain' }).end(page ? page[1] : 'none');
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return server;
}

function launch(config) {
  return puppeteer.launch({
    executablePath: config.chromium, headless: true,
    args: [
      '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(config.sound ? [`--use-file-for-fake-audio-capture=${config.sound}%noloop`] : []),
      ...(config.picture ? [`--use-file-for-fake-video-capture=${config.picture}`] : []),
    ],
  });
}

async function open(browser, server, config) {
  const page = await browser.newPage();
  await page.setViewport({ width: 900, height: 700 });
  page.on('pageerror', (e) => problem(`page: ${e.message}`));
  page.on('console', (m) => { if (m.type() === 'error') problem(`console: ${m.text()}`); });
  await page.exposeFunction('report', report);
  await page.evaluateOnNewDocument((c) => { window.config = c; }, config);
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  return page;
}

async function obey(page, command) {
  if (command.do === 'picture') {
    await page.screenshot({ path: command.path });
    report(JSON.stringify({ event: 'done', text: 'picture' }));
    return;
  }
  await page.evaluate((c) => window.command(c), command);
}

let browser;
let server;
let page;
try {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const said = JSON.parse(line);
    if (page) {
      await obey(page, said);
      continue;
    }
    server = await serve(Number(said.port) || 0);
    browser = await launch(said);
    page = await open(browser, server, said);
  }
} catch (e) {
  problem(e.stack);
  process.exitCode = 1;
} finally {
  await browser?.close();
  server?.close();
  process.stdin.destroy();
}
