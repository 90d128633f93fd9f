// How the page looks and what it may do: panels, names for screen readers, keyboard, policy, sign-in.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { open, press, until, visit, write } from './browser.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** audit has axe look at a page as it is. */
export async function audit(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(' | ')}`);
  assert.deepEqual(found, [], `axe, ${what}`);
}

/** within runs something with a browser, which must have complained of nothing and asked nobody else. */
export async function within(given, options, run) {
  const browser = await open({ chromium: given.chromium, ...options });
  try {
    await run(browser);
    assert.deepEqual(browser.problems, []);
    const own = new URL(given.page).origin;
    const others = [...browser.asked].filter((o) => ![own, `blob:${own}`, 'null', ...given.servers].includes(o));
    assert.deepEqual(others, [], 'asked elsewhere');
  } finally {
    await browser.close();
  }
}

const seated = (page) => until(page, 'personas', () => document.querySelectorAll('.personas li').length > 0);

const panels = [
  'What it sees', 'Transcript', 'Floor', 'Where the time went', 'Who is heard', 'Leases', 'Context and memory', 'Rooms, personas, models',
];

export const checks = {
  async panels(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await seated(page);
      assert.deepEqual(await page.$$eval('main .panel h2', (all) => all.map((h) => h.textContent)), panels);
      await until(page, 'it follows the events', () => document.querySelector('.link-state')?.textContent === 'live');
      await until(page, 'pools', () => document.querySelectorAll('.leases meter').length > 0);
      await until(page, 'models', () => /whisper/.test(document.querySelector('.models')?.textContent ?? ''));
      const models = await page.$$eval('.models li', (all) => all.map((l) => {
        const facts = Object.fromEntries([...l.querySelectorAll('dl div')].map((d) => [d.querySelector('dt').textContent, d.querySelector('dd').textContent]));
        return { id: l.querySelector('b').textContent, licence: l.querySelector('small').textContent, from: facts.from, for: facts['plays for'] };
      }));
      for (const m of models) assert.ok(m.id && m.licence && m.from && m.for, JSON.stringify(m));
      const [first] = models;
      await (await page.$('.models summary')).click();
      await until(page, 'where it is from can be read', (from) => [...document.querySelectorAll('.models details[open] dd')].some((d) => d.checkVisibility() && d.textContent === from), first.from);
      assert.match(await page.$eval('.top h1', (h) => h.textContent), /Console/);
    });
  },

  async accessible(given) {
    await within(given, {}, async (browser) => {
      for (const width of [360, 1440]) {
        for (const scheme of ['dark', 'light']) {
          const page = await visit(browser, given.page, { width, height: 900, scheme });
          await seated(page);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= width, `${wide} pixels wide at ${width}`);
          await audit(page, `${width} px, ${scheme}`);
          await page.close();
        }
      }
    });
  },

  async keyboard(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      await seated(page);
      const tab = async (what, is) => {
        for (let i = 0; i < 60; i++) {
          await page.keyboard.press('Tab');
          if (await page.evaluate(is)) return;
        }
        assert.fail(`no way to ${what} with the Tab key`);
      };
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the content');
      await tab('the name', () => document.activeElement.matches('.join input'));
      await page.keyboard.down('Control'); await page.keyboard.press('a'); await page.keyboard.up('Control');
      await page.keyboard.type('keys');
      await page.keyboard.press('Enter');
      await until(page, 'joined', () => /as keys/.test(document.querySelector('.join')?.textContent ?? ''));
      await until(page, 'the focus on what came', () => document.activeElement.textContent === 'Microphone');
      await tab('the drawn scene', () => document.activeElement.textContent === 'Drawn scene');
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(ring, 'solid', 'the focus is not shown');
      await page.keyboard.press('Space');
      await until(page, 'the scene', () => document.querySelector('.truth'));
      await tab('the question', () => document.activeElement.matches('.ask input'));
      await page.keyboard.type('What do you see?');
      await page.keyboard.press('Enter');
      await until(page, 'an answer', () => document.querySelector('.lines .persona .heard')?.textContent.length > 5);
      await tab('mute', () => document.activeElement.getAttribute('aria-label') === 'Mute iris');
      await page.keyboard.press('Enter');
      await until(page, 'muted', () => document.querySelector('[data-persona=iris] .state').textContent === 'muted');
      await until(page, 'unmute', () => document.activeElement.getAttribute('aria-label') === 'Unmute iris');
      await page.keyboard.press('Enter');
      await until(page, 'not muted', () => document.querySelector('[data-persona=iris] .state').textContent !== 'muted');
      await tab('add', () => document.activeElement.textContent === 'Add a persona');
      await page.keyboard.press('Enter');
      await until(page, 'the form has the focus', () => document.activeElement.matches('form.persona [name=name]'));
      await tab('cancel', () => document.activeElement.textContent === 'Cancel');
      await page.keyboard.press('Enter');
      await until(page, 'the focus back where it was', () => document.activeElement.textContent === 'Add a persona');
      await page.focus('#main');
      for (let i = 0; i < 60 && await page.evaluate(() => document.activeElement.textContent !== 'Leave'); i++) {
        await page.keyboard.down('Shift'); await page.keyboard.press('Tab'); await page.keyboard.up('Shift');
      }
      await page.keyboard.press('Enter');
      await until(page, 'the focus on what came', () => document.activeElement.matches('.join input'));
    });
  },

  // A profile that is asked for is answered for, whichever was asked for before.
  async profiles(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      const first = await until(page, 'the answer for embedded', () => document.querySelector('.resolver .answer')?.textContent);
      await write(page, '.resolver input', 'nowhere');
      await press(page, 'What does it get here?');
      await until(page, 'the answer for another', () => /nowhere/.test(document.querySelector('.resolver .wrong')?.textContent ?? ''));
      await write(page, '.resolver input', 'embedded');
      await until(page, 'the first one again', (t) => document.querySelector('.resolver .answer')?.textContent === t, first);
      assert.ok(browser.problems.every((p) => /status of 4/.test(p)), String(browser.problems));
      browser.problems.length = 0;
    });
  },

  async policy(given) {
    const browser = await open({ chromium: given.chromium });
    try {
      const page = await visit(browser, given.page);
      const tried = await page.evaluate(async () => {
        const broken = [];
        document.addEventListener('securitypolicyviolation', (e) => broken.push(e.effectiveDirective));
        const script = document.createElement('script');
        try { script.text = 'window.pwned = 1'; document.body.append(script); } catch { broken.push('trusted types'); }
        try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.pwned = 2">'); } catch { broken.push('markup'); }
        const elsewhere = await fetch('http://127.0.0.1:9/').then(() => 'went', () => 'refused');
        const style = document.createElement('div');
        style.setAttribute('style', 'color: red');
        await new Promise((done) => { setTimeout(done, 300); });
        return { broken, elsewhere, pwned: window.pwned ?? 0, styled: style.style.color };
      });
      assert.equal(tried.elsewhere, 'refused');
      assert.equal(tried.pwned, 0);
      assert.equal(tried.styled, '', 'a style in markup is taken');
      for (const what of ['connect-src', 'trusted types', 'markup']) assert.ok(tried.broken.includes(what), `${what} in ${tried.broken}`);
    } finally {
      await browser.close();
    }
  },

  async token(given) {
    const browser = await open({ chromium: given.chromium });
    try {
      const page = await visit(browser, given.guarded, { wait: '.sign-in' });
      await audit(page, 'sign-in');
      await write(page, '.sign-in input', 'a wrong token, a wrong token');
      await press(page, 'Sign in');
      await until(page, 'refused', () => /does not take that token/.test(document.body.textContent));
      await write(page, '.sign-in input', given.token);
      await press(page, 'Sign in');
      await seated(page);
      await until(page, 'live', () => document.querySelector('.link-state')?.textContent === 'live');
      const kept = await page.evaluate((t) => ({
        local: JSON.stringify(localStorage), cookie: document.cookie, address: location.href, shown: document.documentElement.outerHTML.includes(t),
      }), given.token);
      assert.ok(!kept.shown && !(kept.local + kept.cookie + kept.address).includes(given.token), 'the token is elsewhere than in the tab');
      await page.reload();
      await seated(page);
      const other = await visit(browser, given.guarded, { wait: '.sign-in' }); // another tab knows nothing
      await other.close();

      // When the token is changed, who is in a room still sees that, and can leave it.
      await page.bringToFront();
      await write(page, '.join input', 'keys');
      await page.keyboard.press('Enter');
      await until(page, 'joined', () => /as keys/.test(document.querySelector('.join')?.textContent ?? ''));
      await writeFile(given.file, `${given.token}, but another`);
      await page.waitForSelector('.sign-in');
      await press(page, 'Leave');
      await until(page, 'out of the room, and nothing to join', () => !document.querySelector('.join'));
      await write(page, '.sign-in input', `${given.token}, but another`);
      await press(page, 'Sign in');
      await seated(page);
    } finally {
      await browser.close();
    }
  },
};
