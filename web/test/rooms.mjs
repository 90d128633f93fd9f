// What happens in rooms, end to end: a spoken question about a drawn scene, and three personas who
// take turns.
import assert from 'node:assert/strict';
import { audit, within } from './looks.mjs';
import { choose, press, until, visit } from './browser.mjs';

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
  // A person opens the page, shows a drawing, asks aloud, and is answered rightly; every panel shows it.
  async spoken(given) {
    await within(given, { sound: given.sound }, async (browser) => {
      const page = await visit(browser, given.page, { height: 1300 });
      await choose(page, 'lobby');
      await join(page);
      const colour = await scene(page, 'What color is at the top left?');
      await until(page, 'the model has looked', () => document.querySelector('.texture')?.naturalWidth > 0);
      await until(page, 'at the scene that is shown', sameCorners);
      await press(page, 'Microphone');
      const answer = await until(page, 'the question and its answer', () => {
        const lines = [...document.querySelectorAll('.lines li')]; // others have asked in this room before
        const asked = lines.findIndex((l) => l.matches('.human.done') && /what colou?r is at the top left/i.test(l.textContent));
        return asked >= 0 && lines.slice(asked).find((l) => l.matches('.persona.done'))?.querySelector('.heard').textContent;
      });
      assert.match(answer, new RegExp(`\\b${colour}\\b`, 'i'), `the scene's top left is ${colour}`);
      await until(page, 'the picture of the answer', () => document.querySelector('.pins img')?.naturalWidth > 0);
      await until(page, 'the answer beside its picture', (c) => [...document.querySelectorAll('.pins q')].some((q) => q.textContent.toLowerCase().includes(c)), colour);
      const stages = await until(page, 'the stages', () => {
        const all = [...document.querySelectorAll('.bars th[scope=row]')].map((t) => t.textContent);
        return all.includes('first sound') && all;
      });
      for (const s of ['end of turn', 'transcript', 'lease wait', 'first token', 'first sound', 'floor wait']) assert.ok(stages.includes(s), `${s} in ${stages}`);
      assert.match(await page.$eval('.looked', (p) => p.textContent), /Looked at a picture, \d+\.\d s old · \d+ squares? · /);
      assert.match(await page.$eval('.replay code', (c) => c.textContent), /sensory-agent replay /);
      await until(page, 'the lanes', lanesMoved);
      await until(page, 'what of the prompt was reused', () => /tokens reused/.test(document.querySelector('.context').textContent));
      await audit(page, 'after an answer');
      await shoot(given, page, 'console-question');
      await page.setViewport({ width: 360, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
      await audit(page, 'after an answer, 360 px, light');
      await shoot(given, page, 'console-small', { fullPage: true });
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
        window.seen = { holders: [], most: 0, waited: new Set() };
        const look = () => {
          const speaking = [...document.querySelectorAll('.personas li.speaks')].map((l) => l.dataset.persona);
          window.seen.most = Math.max(window.seen.most, speaking.length);
          document.querySelectorAll('.queue .who').forEach((w) => window.seen.waited.add(w.textContent));
          if (speaking[0] && window.seen.holders.at(-1) !== speaking[0]) window.seen.holders.push(speaking[0]);
        };
        new MutationObserver(look).observe(document.querySelector('.floor'), { subtree: true, childList: true, attributes: true, characterData: true });
      });
      await page.type('.ask input', 'Everybody, what do you see?');
      await page.keyboard.press('Enter');
      await until(page, 'one speaks and others wait', () => document.querySelector('.personas li.speaks') && document.querySelectorAll('.queue li').length > 0);
      await until(page, 'the second speaks', () => window.seen.holders.length > 1);
      await until(page, 'the lanes', lanesMoved);
      await shoot(given, page, 'console-three');
      await until(page, 'all have answered', () => document.querySelectorAll('.lines .persona.done').length === 3);
      const seen = await page.evaluate(() => ({ ...window.seen, waited: [...window.seen.waited] }));
      assert.equal(new Set(seen.holders).size, 3, `who spoke: ${seen.holders}`);
      assert.equal(seen.most, 1, 'two had the floor');
      assert.ok(seen.waited.length >= 2, `who waited: ${seen.waited}`);
      const said = await page.$$eval('.lines .persona', (all) => all.map((l) => l.querySelector('.who').textContent));
      assert.deepEqual([...said].sort(), ['iris', 'max', 'otto']);
      await page.type('.ask input', 'Max, what do you see?');
      await page.keyboard.press('Enter');
      await until(page, 'why the others are silent', () => [...document.querySelectorAll('.lines .silence')].filter((l) => /not addressed/.test(l.textContent)).length >= 2);
      await press(page, 'Leave');
    });
  },
};

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
  const corners = (what) => {
    const c = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    const to = c.getContext('2d');
    to.drawImage(what, 0, 0, 64, 64);
    return [[4, 4], [59, 4], [4, 59], [59, 59]].flatMap(([x, y]) => [...to.getImageData(x, y, 1, 1).data.slice(0, 3)]);
  };
  const seen = document.querySelector('.texture');
  const shown = document.querySelector('.drawn canvas');
  if (!seen?.complete || !shown) return false;
  const b = corners(shown);
  return corners(seen).every((v, i) => Math.abs(v - b[i]) < 50);
}
