// What the page changes: mute, stop, speak next, personas; and what others may not do to it.
import assert from 'node:assert/strict';
import { choose, press, until, visit, write } from './browser.mjs';
import { audit, within } from './looks.mjs';
import { listen } from './rooms.mjs';

const ask = async (page, text) => { await write(page, '.ask input', text); await page.keyboard.press('Enter'); };
const enter = async (page, name) => {
  await write(page, '.join input', name);
  await page.keyboard.press('Enter');
  await until(page, 'joined', () => document.querySelector('.join b'));
};

/** tries are how often something is done that comes too late where the machine is busy. */
const tries = 6;

/**
 * pressLast asks everybody, presses a button of who is to be heard last while another one speaks, and waits until
 * nobody speaks; again until what was heard is as it should be: who was pressed may have had the floor by then.
 */
async function pressLast(given, page, button, right) {
  const all = [];
  for (let i = 0; i < tries; i++) {
    const ear = await listen(given.page, 'three');
    const done = await page.$$eval('.lines .persona.done', (l) => l.length);
    await ask(page, 'Everybody, what do you see?');
    const queue = await until(page, 'one speaks and two wait', pressed, button, done);
    await until(page, 'nobody speaks or waits', () => /^Nobody speaks/.test(document.querySelector('.holder').textContent) && !document.querySelector('.queue li'));
    const heard = [...(await ear.end()).heard];
    all.push({ queue, heard });
    const [before, last] = queue;
    if (last && heard.includes(before) && right(heard, before, last)) return last;
  }
  return assert.fail(`${button}: ${JSON.stringify(all)}`);
}

/** pressed presses a button of who waits behind another one, and returns who waits; nobody where all have been heard. */
function pressed(button, done) {
  if (document.querySelectorAll('.lines .persona.done').length >= done + 3) return [];
  const waiting = [...document.querySelectorAll('.queue li .who')].map((w) => w.textContent);
  const found = [...document.querySelectorAll(`[data-persona="${waiting[1]}"] button`)].find((b) => b.textContent === button);
  if (!document.querySelector('.personas li.speaks') || found?.getAttribute('aria-disabled') !== 'false') return undefined;
  found.click();
  return waiting;
}

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

  // Who would be heard last is heard before who stood before it; who is stopped is not heard, and the others are.
  async next(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await choose(page, 'three');
      await enter(page, 'pilot');
      await pressLast(given, page, 'Next', (heard, before, last) => heard.includes(last) && heard.indexOf(last) < heard.indexOf(before));
      const stopped = await pressLast(given, page, 'Stop', (heard, before, last) => !heard.includes(last));
      await until(page, 'why it was not heard', (n) => [...document.querySelectorAll('.lines li')].some((l) => l.textContent.includes(n) && /stopped/.test(l.textContent)), stopped);
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

  // A persona is added, changed and removed, in the room of its form; what one of the file is told can be read, and where it is changed.
  async personas(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await choose(page, 'lobby');
      const there = (name, is) => until(page, `${name} ${is}`, (n, want) => Boolean(document.querySelector(`[data-persona=${n}]`)) === want, name, is);
      const listens = (name) => until(page, `${name} listens`, (n) => document.querySelector(`[data-persona=${n}][data-state=listening]`), name);
      const form = (what) => until(page, `the form ${what}`, (w) => {
        const opened = document.querySelector('form.persona');
        return opened?.getAttribute('aria-label') === w && opened.matches(':focus-within'); // what is typed before goes elsewhere
      }, what);
      const values = () => page.$eval('form.persona', (f) => Object.fromEntries([...f.querySelectorAll('[name]')].map((i) => [i.name, i.value])));
      const wrongAt = (name) => until(page, `what is wrong with ${name}`, (n) => {
        const field = document.querySelector(`form.persona [name=${n}]`);
        const said = field.getAttribute('aria-invalid') === 'true' && document.activeElement === field && document.getElementById(field.getAttribute('aria-describedby'));
        return said?.role === 'alert' && said.textContent;
      }, name);
      await there('iris', true);
      await press(page, 'Edit iris');
      await form('Definition of iris in lobby');
      assert.match(await page.$eval('form.persona [role=note]', (n) => n.textContent), /iris came with the program/);
      assert.deepEqual(await page.$$eval('form.persona [name]', (all) => all.filter((i) => !i.readOnly && !i.disabled).map((i) => i.name)), [], 'fields that can be changed');
      assert.equal(await page.$('form.persona [type=submit]'), null);
      await audit(page, 'a definition that can be read');
      await press(page, 'Close');
      await until(page, 'the focus back where it was', () => document.activeElement.getAttribute('aria-label') === 'Edit iris');

      await press(page, 'Add a persona');
      await form('Add a persona');
      const eve = {
        name: 'eve', room: 'lobby', identity: 'eve-of-the-attic', aliases: 'Eva\nEvie, of the lobby', profile: '', voice: 'espeak', prompt: '', greeting: 'Hello.\nI am Eve.',
        specialty: 'plants\ngardens', answer: '12', history: 'off', remember: 'never', say: 'Is anybody there?', after: '3600',
      };
      assert.deepEqual(Object.keys(await values()).sort(), Object.keys(eve).sort());
      for (const [name, text] of Object.entries(eve)) {
        if (['history', 'remember'].includes(name)) await page.select(`form.persona [name=${name}]`, text);
        else if (text && name !== 'room') await page.type(`form.persona [name=${name}]`, text);
      }
      await write(page, 'form.persona [name=answer]', '40000');
      await press(page, 'Seat it');
      assert.equal(await page.$eval('form.persona [name=answer]', (i) => i.validity.rangeOverflow && document.activeElement === i), true, 'so many tokens are too many');
      await write(page, 'form.persona [name=answer]', eve.answer);
      await write(page, 'form.persona [name=aliases]', 'Eva\neva');
      await press(page, 'Seat it');
      assert.match(await wrongAt('aliases'), /"eva" is taken/);
      await audit(page, 'a form with something wrong');
      await write(page, 'form.persona [name=aliases]', eve.aliases);
      await press(page, 'Seat it');
      await listens('eve');
      await until(page, 'the form is gone', () => !document.querySelector('form.persona'));

      // What was seated is known to every page.
      await page.reload();
      await choose(page, 'lobby');
      await press(page, 'Edit eve');
      await form('Edit eve in lobby');
      const { room, ...told } = eve;
      assert.deepEqual(await values(), told);
      await audit(page, 'the form of a persona');
      await press(page, 'Cancel');

      // One that cannot be seated has left its seat all the same: what is tried again is only to seat it.
      await press(page, 'Edit eve');
      await form('Edit eve in lobby');
      await write(page, 'form.persona [name=voice]', 'no such voice');
      await choose(page, 'three');
      await press(page, 'Seat it anew');
      await until(page, 'why not', () => /eve has left its seat/.test(document.querySelector('form.persona [role=alert]')?.textContent ?? ''));
      await write(page, 'form.persona [name=voice]', 'espeak');
      await press(page, 'Seat it anew');
      await until(page, 'it is seated', () => !document.querySelector('form.persona'));
      await there('eve', false);
      await choose(page, 'lobby');
      await listens('eve');
      await press(page, 'Remove eve');
      await there('eve', false);
      await press(page, 'Remove iris');
      await until(page, 'why not', () => /file/.test(document.querySelector('.house [role=alert]')?.textContent ?? ''));

      await press(page, 'Add a persona');
      await form('Add a persona');
      await page.type('form.persona [name=name]', 'ivy');
      await write(page, 'form.persona [name=room]', 'attic');
      await page.type('form.persona [name=voice]', 'espeak');
      await press(page, 'Seat it');
      await choose(page, 'attic');
      await listens('ivy');
      await press(page, 'Remove ivy');
      await there('ivy', false);
      assert.ok(browser.problems.every((p) => /status of 4/.test(p)), String(browser.problems));
      browser.problems.length = 0;
    });
  },
};
