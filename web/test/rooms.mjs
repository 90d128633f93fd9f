// What happens in rooms, end to end: a spoken question about a drawn scene, and three personas who
// take turns.
import assert from 'node:assert/strict';
import { audit, within } from './looks.mjs';
import { choose, press, pressed, until, visit } from './browser.mjs';

/** shoot keeps a picture of the page, where pictures are wanted. */
export async function shoot(given, page, name, options = {}) {
  if (given.pictures) await page.screenshot({ path: `${given.pictures}/${name}.png`, ...options });
}

/** scene draws scenes until one has a question of a kind, and returns its answer. */
async function scene(page, question) {
  return until(page, `a scene with ${question}`, (q) => {
    const found = [...document.querySelectorAll('.quick')].find((b) => b.textContent === q);
    if (found) return found.dataset.answer;
    [...document.querySelectorAll('.drawn button')].find((b) => b.textContent === 'Another scene')?.click();
    return '';
  }, question);
}

const join = async (page) => { await press(page, 'Write, with a drawn scene'); await page.waitForSelector('.drawn'); };

export const checks = {
  // A person opens the page and presses what it offers first; asks aloud about the drawing, and is answered rightly; every panel shows it.
  async spoken(given) {
    await within(given, { sound: given.sound }, async (browser) => {
      await browser.defaultBrowserContext().overridePermissions(new URL(given.page).origin, ['clipboard-read', 'clipboard-sanitized-write']);
      const page = await visit(browser, given.page, { height: 1300 });
      await choose(page, 'lobby');
      assert.equal(await page.$eval('.offer button.main', (b) => b.textContent), 'Talk, with a drawn scene');
      await press(page, 'Talk, with a drawn scene');
      await pressed(page, 'Microphone', true);
      await pressed(page, 'Drawn scene', true);
      const colour = await scene(page, 'What color is at the top left?');
      await until(page, 'the model has looked', () => document.querySelector('.texture')?.naturalWidth > 0);
      await until(page, 'at the scene that is shown', sameCorners);
      const before = await page.$$eval('.lines li', (all) => all.length); // what was asked before was of another scene
      const answer = await until(page, 'the question and its answer', (from) => {
        const lines = [...document.querySelectorAll('.lines li')];
        const asked = lines.findIndex((l, i) => i >= from && l.matches('.human.done') && /what colou?r is at the top left/i.test(l.textContent));
        return asked >= 0 && lines.slice(asked).find((l) => l.matches('.persona.done') && !l.querySelector('.cut'))?.querySelector('.heard').textContent;
      }, before);
      assert.match(answer, new RegExp(`\\b${colour}\\b`, 'i'), `the scene's top left is ${colour}`);
      await press(page, 'Microphone');
      await pressed(page, 'Microphone', false);
      await until(page, 'the picture of the answer', () => document.querySelector('.pins img')?.naturalWidth > 0);
      await until(page, 'the answer beside its picture', (c) => [...document.querySelectorAll('.pins q')].some((q) => q.textContent.toLowerCase().includes(c)), colour);
      const stages = await until(page, 'the stages', () => {
        const all = [...document.querySelectorAll('.bars th[scope=row]')].map((t) => t.textContent);
        return all.includes('first sound') && all;
      });
      for (const s of ['end of turn', 'transcript', 'lease wait', 'first token', 'first sound', 'floor wait']) assert.ok(stages.includes(s), `${s} in ${stages}`);
      assert.match(await page.$eval('.looked', (p) => p.textContent), /Looked at (a picture,|2 pictures, the newest) \d+\.\d s old · .*\d+ squares? · /);
      assert.match(await page.$eval('.replay code', (c) => c.textContent), /sensory-agent replay /);
      await press(page, 'Copy the replay command');
      await until(page, 'the command can be pasted', async () => await navigator.clipboard.readText() === document.querySelector('.replay code').textContent);
      const frames = await until(page, 'frames are counted', countedFrames);
      assert.ok(frames.decoded >= frames.sampled, JSON.stringify(frames));
      await until(page, 'and go on', (first) => Number([...document.querySelectorAll('.counts div')].find((d) => /^decoded/.test(d.textContent)).querySelector('dd').textContent) > first, frames.decoded);
      await until(page, 'the age of a picture counts up', aged);
      await until(page, 'the lanes', lanesMoved);
      await until(page, 'what of the prompt was reused', () => /tokens reused/.test(document.querySelector('.context').textContent));
      await audit(page, 'after an answer');
      await shoot(given, page, 'console-question');
      await page.setViewport({ width: 360, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
      await audit(page, 'after an answer, 360 px, light');
      assert.deepEqual(await page.$$eval('.pins small', (all) => all.filter((c) => c.scrollWidth > c.clientWidth).map((c) => c.textContent)), [], 'captions that are cut');
      await shoot(given, page, 'console-small', { fullPage: true });
      await press(page, 'Leave');
    });
  },

  // A camera is shown in place of the drawing, and taken away again.
  async camera(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await choose(page, 'lobby');
      await join(page);
      await until(page, 'the model has looked', () => document.querySelector('.texture')?.naturalWidth > 0);
      await until(page, 'at the scene that is shown', sameCorners);
      await page.evaluate(() => { window.drawn = document.querySelector('.drawn canvas'); });
      await press(page, 'Camera');
      await pressed(page, 'Camera', true);
      await pressed(page, 'Drawn scene', false);
      await until(page, 'the drawing is gone', () => !document.querySelector('.drawn'));
      await until(page, 'the model has looked at something else', otherCorners);
      await press(page, 'Camera');
      await pressed(page, 'Camera', false);
      await until(page, 'nobody shows anything', () => ![...document.querySelectorAll('.people li')].some((l) => / · camera/.test(l.textContent)));
      await press(page, 'Leave');
    });
  },

  // Everybody is asked: three answer one after the other, never two at once, and the strip shows it.
  async three(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page, { height: 1300 });
      await choose(page, 'three');
      await join(page);
      await until(page, 'the model has looked', () => document.querySelector('.texture')?.naturalWidth > 0);
      await page.evaluate(() => {
        window.seen = { holders: [], waited: new Set() };
        const look = () => {
          const speaking = [...document.querySelectorAll('.personas li.speaks')].map((l) => l.dataset.persona);
          document.querySelectorAll('.queue .who').forEach((w) => window.seen.waited.add(w.textContent));
          if (speaking[0] && window.seen.holders.at(-1) !== speaking[0]) window.seen.holders.push(speaking[0]);
        };
        new MutationObserver(look).observe(document.querySelector('.floor'), { subtree: true, childList: true, attributes: true, characterData: true });
      });
      const ear = await listen(given.page, 'three');
      await page.type('.ask input', 'Everybody, what do you see?');
      await page.keyboard.press('Enter');
      await until(page, 'one speaks and others wait', () => document.querySelector('.personas li.speaks') && document.querySelectorAll('.queue li').length > 0);
      await until(page, 'the second speaks', () => window.seen.holders.length > 1);
      await until(page, 'the lanes', lanesMoved);
      await shoot(given, page, 'console-three');
      await until(page, 'all have answered', () => document.querySelectorAll('.lines .persona.done').length === 3);
      const seen = await page.evaluate(() => ({ ...window.seen, waited: [...window.seen.waited] }));
      assert.equal(new Set(seen.holders).size, 3, `who spoke: ${seen.holders}`);
      const { heard, together } = await ear.end();
      assert.deepEqual([...heard].sort(), ['iris', 'max', 'otto'], 'who was heard');
      assert.deepEqual(together, [], 'two were heard at once');
      assert.ok(seen.waited.length >= 2, `who waited: ${seen.waited}`);
      const said = await page.$$eval('.lines .persona', (all) => all.map((l) => l.querySelector('.who').textContent));
      assert.deepEqual([...said].sort(), ['iris', 'max', 'otto']);
      await page.type('.ask input', 'Max, what do you see?');
      await page.keyboard.press('Enter');
      await until(page, 'why the others are silent', () => [...document.querySelectorAll('.lines .silence')].filter((l) => /not addressed/.test(l.textContent)).length >= 2);
      const hues = () => page.evaluate(() => ['.waterfall .question .who', '.floor .personas li .who'].map((s) => (
        Object.fromEntries([...document.querySelectorAll(s)].map((w) => [w.textContent, w.className])))));
      for (const value of await page.$$eval('.waterfall option', (all) => all.map((o) => o.value))) {
        await page.select('.waterfall select', value);
        const [[name, hue]] = Object.entries((await hues())[0]);
        assert.equal(hue, (await hues())[1][name], `the colour of ${name}`);
      }
      await press(page, 'Leave');
    });
  },
};

/** listen follows how loud everybody in a room is: which personas were heard, in their order, and which of them at once. */
export async function listen(address, room) {
  const body = Buffer.from(JSON.stringify({ room }));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  const stop = new AbortController();
  const response = await fetch(new URL('/sensory.v1.EventService/WatchLevels', address), {
    method: 'POST', headers: { 'Content-Type': 'application/connect+json', 'Connect-Protocol-Version': '1' }, body: Buffer.concat([head, body]), signal: stop.signal,
  });
  assert.equal(response.status, 200);
  const heard = new Set();
  const together = [];
  const read = (async () => {
    let held = Buffer.alloc(0);
    for await (const piece of response.body) {
      held = Buffer.concat([held, piece]);
      for (let end; held.length >= 5 && held.length >= (end = 5 + held.readUInt32BE(1)); held = held.subarray(end)) {
        const personas = (JSON.parse(held.subarray(5, end).toString() || '{}').levels ?? []).filter((l) => l.persona && l.peak > 0.01).map((l) => l.identity);
        personas.forEach((p) => heard.add(p));
        if (personas.length > 1) together.push(personas);
      }
    }
  })().catch((e) => { if (!stop.signal.aborted) throw e; });
  return { end: async () => { stop.abort(); await read; return { heard, together }; } };
}

/** countedFrames are the counts beside the picture, once a frame was sampled. */
function countedFrames() {
  const all = Object.fromEntries([...document.querySelectorAll('.counts div')].map((d) => [d.querySelector('dt').textContent, Number(d.querySelector('dd').textContent)]));
  return all.sampled > 0 && all.dropped >= 0 && all;
}

/** aged tells whether the age of one picture was seen to grow. */
function aged() {
  const { src } = document.querySelector('.texture');
  const age = parseFloat(document.querySelector('.sight .aside .age').textContent);
  if (window.young?.src !== src) window.young = { src, age };
  return age >= window.young.age + 0.3;
}

/** lanesMoved tells whether something is drawn on the wave form beside its two lines. */
function lanesMoved() {
  const c = document.querySelector('.lanes canvas');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let rows = 0;
  for (let y = 0; y < c.height; y++) {
    for (let x = 0; x < c.width; x += 2) {
      if (d[(y * c.width + x) * 4 + 3] > 0) { rows++; break; }
    }
  }
  return rows > 8;
}

/** sameCorners tells whether the picture that the model got has the corners of the scene that is shown. */
function sameCorners() {
  window.corners ??= (what) => {
    const c = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    const to = c.getContext('2d');
    to.drawImage(what, 0, 0, 64, 64);
    return [[4, 4], [59, 4], [4, 59], [59, 59]].flatMap(([x, y]) => [...to.getImageData(x, y, 1, 1).data.slice(0, 3)]);
  };
  const seen = document.querySelector('.texture');
  const shown = document.querySelector('.drawn canvas');
  if (!seen?.complete || !shown) return false;
  const b = window.corners(shown);
  return window.corners(seen).every((v, i) => Math.abs(v - b[i]) < 50);
}

/** otherCorners tells whether it has other ones than the scene that was shown: sameCorners was asked before. */
function otherCorners() {
  const seen = document.querySelector('.texture');
  const b = window.corners(window.drawn);
  return seen?.complete && window.corners(seen).some((v, i) => Math.abs(v - b[i]) > 60);
}
