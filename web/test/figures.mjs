// What the page costs: its first view, frames a second while three personas speak, and what of a core
// the service takes for it. It is measured on an idle machine: scripts/bench-page. It fails where the page is slower
// than it may be; figures that are only tried tell nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { choose, open, press, until, visit } from './browser.mjs';

const mostView = 1000; // ms until the first view, p50
const leastFrames = 55; // a second
const ticks = 100; // a second, of /proc: USER_HZ on Linux
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** used is the processor time of a process so far, in seconds. */
function used(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

async function share(pid, seconds) {
  const from = used(pid);
  await sleep(seconds * 1000);
  return (100 * (used(pid) - from)) / seconds;
}

/** firstView is when the panels stand, from the beginning of the navigation, in ms. */
async function firstView(browser, address) {
  const page = await visit(browser, address, { wait: '.personas li' });
  const ms = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    bytes: performance.getEntriesByType('resource').filter((r) => r.name.includes('/console/')).reduce((sum, r) => sum + r.encodedBodySize, 0),
  }));
  await page.close();
  return ms;
}

const frames = (page, seconds) => page.evaluate((ms) => new Promise((done) => {
  const times = [];
  const begin = performance.now();
  const tick = (now) => {
    times.push(now);
    if (now - begin < ms) requestAnimationFrame(tick);
    else {
      const gaps = times.slice(1).map((t, i) => t - times[i]).sort((a, b) => a - b);
      done({ rate: (1000 * (times.length - 1)) / (times.at(-1) - times[0]), worst: gaps.at(-1), p99: gaps[Math.floor(gaps.length * 0.99)] });
    }
  };
  requestAnimationFrame(tick);
}), seconds * 1000);

export const checks = {
  async figures(given, say) {
    const length = given.short ? 3 : 20; // seconds
    const alone = await share(given.pid, length);
    const browser = await open({ chromium: given.chromium });
    try {
      const views = [];
      for (let i = 0; i < 11; i++) views.push((await firstView(browser, given.page)).paint);
      const { bytes } = await firstView(browser, given.page);
      views.sort((a, b) => a - b);
      say(`first view: p50 ${views[5].toFixed(0)} ms, worst ${views[10].toFixed(0)} ms, ${bytes} bytes of scripts and styles`);
      const page = await visit(browser, given.page, { height: 1300 });
      await choose(page, 'three');
      await until(page, 'live', () => document.querySelector('.link-state')?.textContent === 'live');
      const watched = await share(given.pid, length);
      say(`the service, idle: ${alone.toFixed(1)} % of a core alone, ${watched.toFixed(1)} % with the page open`);
      await press(page, 'Write, with a drawn scene');
      await until(page, 'the model has looked', () => document.querySelector('.texture')?.naturalWidth > 0);
      await page.type('.ask input', 'Everybody, what do you see?');
      await page.keyboard.press('Enter');
      await until(page, 'one speaks', () => document.querySelector('.personas li.speaks'));
      const f = await frames(page, 8);
      const slow = [];
      if (views[5] > mostView) slow.push(`${views[5].toFixed(0)} ms until the first view, of ${mostView}`);
      if (f.rate < leastFrames) slow.push(`${f.rate.toFixed(1)} frames a second, of ${leastFrames}`);
      say(`while three personas speak: ${f.rate.toFixed(1)} frames a second; between frames p99 ${f.p99.toFixed(1)} ms, worst ${f.worst.toFixed(1)} ms`);
      if (!given.short) assert.deepEqual(slow, []);
    } finally {
      await browser.close();
    }
  },
};
