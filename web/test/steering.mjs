// What the page changes: mute, stop, speak next, personas; and what others may not do to it.
import assert from 'node:assert/strict';
import { choose, press, until, visit, write } from './browser.mjs';
import { within } from './looks.mjs';

const ask = async (page, text) => { await write(page, '.ask input', text); await page.keyboard.press('Enter'); };
const enter = async (page, name) => {
  await write(page, '.join input', name);
  await page.keyboard.press('Enter');
  await until(page, 'joined', () => document.querySelector('.join b'));
};

export const checks = {
  async steer(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await choose(page, 'three');
      await enter(page, 'pilot');
      await press(page, 'Mute max');
      await until(page, 'muted', () => document.querySelector('[data-persona=max] .state').textContent === 'muted');
      await ask(page, 'Everybody, what do you see?');
      await until(page, 'one speaks, one waits', () => document.querySelector('.personas li.speaks') && [...document.querySelectorAll('.personas button')].some((b) => b.textContent === 'Next' && b.getAttribute('aria-disabled') === 'false'));
      await until(page, 'why max is silent', () => [...document.querySelectorAll('.lines .silence')].some((l) => /max stayed silent: muted/.test(l.textContent)));
      await page.evaluate(() => [...document.querySelectorAll('.floor button')].find((b) => b.textContent === 'Stop everybody').focus());
      await page.keyboard.press('Enter');
      await until(page, 'nobody speaks', () => document.querySelector('.holder').textContent.startsWith('Nobody speaks'));
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Stop everybody', 'what had the focus is gone');
      await press(page, 'Unmute max');
      await until(page, 'not muted', () => document.querySelector('[data-persona=max] .state').textContent !== 'muted');
      await press(page, 'Leave');
    });
  },

  // Names and messages that hold markup are text, wherever they are shown.
  async markup(given) {
    const evil = '<img src=x onerror=window.pwned=1>';
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      let dialogs = 0;
      page.on('dialog', (d) => { dialogs++; void d.dismiss(); });
      await choose(page, 'lobby');
      await enter(page, evil);
      await ask(page, '<script>window.pwned=2</script><b id=bold>what do you see</b> javascript:alert(1)');
      await until(page, 'the message', () => document.querySelector('.lines')?.textContent.includes('<script>window.pwned=2</script>'));
      await until(page, 'the name', (n) => document.querySelector('.people')?.textContent.includes(n), evil);
      await until(page, 'an answer', () => document.querySelector('.lines .persona'));
      await press(page, 'Add a persona');
      const persona = '<img src=x onerror=window.pwned=3>';
      await page.type('form.persona [name=name]', persona);
      await page.type('form.persona [name=voice]', 'espeak');
      await press(page, 'Seat it');
      await until(page, 'the persona is seated', (n) => [...document.querySelectorAll('.floor .personas li')].some((l) => l.textContent.includes(n)), persona);
      const found = await page.evaluate(() => ({
        pwned: window.pwned ?? 0, made: document.querySelectorAll('#bold, img[src="x"], main script, [onerror]').length,
      }));
      assert.deepEqual({ ...found, dialogs }, { pwned: 0, made: 0, dialogs: 0 });
      await press(page, `Remove ${persona}`);
      await until(page, 'the persona is gone', (n) => [...document.querySelectorAll('.floor .personas li')].every((l) => !l.textContent.includes(n)), persona);
      await press(page, 'Leave');
    });
  },

  // A store that another process keeps locked is shown as what it is, until it is free again.
  async store(given) {
    await within({ ...given, page: given.kept }, {}, async (browser) => {
      const page = await visit(browser, given.kept);
      await ask(page, 'What do you see?');
      const said = await until(page, 'what stands in the way', () => document.querySelector('.keeping[data-reason=store_locked]')?.textContent);
      assert.match(said, /is not being kept: store locked \(.*locked by another process.*\)\. [1-9]\d* wait, 0 are lost/);
      await fetch(given.free);
      await until(page, 'it is kept', () => !document.querySelector('.keeping'));
    });
  },

  // A database that goes away is a problem as long as it is away, and what the page shows goes on.
  async away(given) {
    await within({ ...given, page: given.away }, {}, async (browser) => {
      const page = await visit(browser, given.away);
      await until(page, 'vera', () => document.querySelector('[data-persona=vera]') && document.querySelector('.link-state').textContent === 'live');
      await fetch(`${given.database}/stop`);
      await ask(page, 'What do you see?');
      await until(page, 'what stands in the way', () => document.querySelector('.keeping[data-reason=store_away]'));
      const state = (is) => until(page, `vera is ${is}`, (want) => document.querySelector('[data-persona=vera] .state').textContent === want, is);
      await press(page, 'Mute vera');
      await state('muted');
      await fetch(`${given.database}/resume`);
      await until(page, 'nothing stands in the way', () => !document.querySelector('.keeping') && !document.querySelector('.problem'));
      await until(page, 'it follows the events', () => document.querySelector('.link-state').textContent === 'live');
      await press(page, 'Unmute vera');
      await state('idle');
      browser.problems = browser.problems.filter((p) => !/status of 5/.test(p)); // what asked the database meanwhile
    });
  },

  // Two people of one name are two: nobody takes the other's place.
  async guests(given) {
    await within(given, {}, async (browser) => {
      const pages = [await visit(browser, given.page), await visit(browser, given.page)];
      for (const page of pages) {
        await page.bringToFront();
        await choose(page, 'lobby');
        await enter(page, 'guest');
      }
      for (const page of pages) {
        await page.bringToFront();
        await until(page, 'both are there', () => [...document.querySelectorAll('.people .who')].filter((w) => w.textContent === 'guest').length === 2);
        assert.match(await page.$eval('.join', (j) => j.textContent), /In lobby as guest/);
      }
      await ask(pages[1], 'What do you see?');
      await until(pages[1], 'who asked, by name', () => [...document.querySelectorAll('.lines .human .who')].at(-1)?.textContent === 'guest');
      for (const page of pages) {
        await page.bringToFront();
        await press(page, 'Leave');
      }
    });
  },

  // A persona is added, changed and removed, in the room of its form; one of the file is not, and the page says why.
  async personas(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await choose(page, 'lobby');
      const there = (name, is) => until(page, `${name} ${is}`, (n, want) => Boolean(document.querySelector(`[data-persona=${n}]`)) === want, name, is);
      const able = (name) => page.$eval(`[aria-label="Edit ${name}"]`, (b) => b.getAttribute('aria-disabled') !== 'true');
      await there('iris', true);
      assert.equal(await able('iris'), false, 'nobody knows what iris is told to be');
      assert.match(await page.$eval('[aria-label="Edit iris"]', (b) => b.title), /does not know the whole definition/);
      await press(page, 'Add a persona');
      await page.type('form.persona [name=name]', 'eve');
      await page.type('form.persona [name=voice]', 'espeak');
      await press(page, 'Seat it');
      await until(page, 'eve listens', () => document.querySelector('[data-persona=eve][data-state=listening]'));
      await press(page, 'Edit eve');
      assert.equal(await page.$eval('form.persona [name=name]', (i) => i.value), 'eve');
      assert.equal(await page.$eval('form.persona [name=voice]', (i) => i.value), 'espeak');
      await (await page.$('form.persona textarea')).type('Be <b>kind</b>.');
      await press(page, 'Cancel');

      // One that cannot be seated has left its seat all the same: what is tried again is only to seat it.
      await press(page, 'Edit eve');
      await write(page, 'form.persona [name=voice]', 'no such voice');
      await choose(page, 'three');
      await press(page, 'Seat it anew');
      await until(page, 'why not', () => /eve has left its seat/.test(document.querySelector('form.persona [role=alert]')?.textContent ?? ''));
      await write(page, 'form.persona [name=voice]', 'espeak');
      await press(page, 'Seat it anew');
      await until(page, 'it is seated', () => !document.querySelector('form.persona'));
      await there('eve', false);
      await choose(page, 'lobby');
      await until(page, 'eve listens', () => document.querySelector('[data-persona=eve][data-state=listening]'));
      await press(page, 'Remove eve');
      await there('eve', false);
      await press(page, 'Remove iris');
      await until(page, 'why not', () => /file/.test(document.querySelector('.house [role=alert]')?.textContent ?? ''));

      await press(page, 'Add a persona');
      await page.type('form.persona [name=name]', 'ivy');
      await write(page, 'form.persona [name=room]', 'attic');
      await page.type('form.persona [name=voice]', 'espeak');
      await press(page, 'Seat it');
      await choose(page, 'attic');
      await until(page, 'ivy listens', () => document.querySelector('[data-persona=ivy][data-state=listening]'));
      assert.equal(await able('ivy'), true);
      await page.reload();
      await choose(page, 'attic');
      await there('ivy', true);
      assert.equal(await able('ivy'), false, 'a page that was loaded anew knows nothing of it');
      await press(page, 'Remove ivy');
      await there('ivy', false);
      assert.ok(browser.problems.every((p) => /status of 4/.test(p)), String(browser.problems));
      browser.problems.length = 0;
    });
  },
};
