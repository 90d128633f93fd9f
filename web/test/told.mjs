// What a service tells in rare cases, and how the page shows it: refused leases, a prompt whose beginning changed, what
// was decided on memories, interruptions, backchannels. The calibration model brings none of it about, so the answers
// to two calls of the page are written here.
import assert from 'node:assert/strict';
import { audit, within } from './looks.mjs';
import { until, visit } from './browser.mjs';

/** framed is a message of a stream, or with flags its end. */
function framed(message, flags = 0) {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

const leases = {
  pools: [{ silicon: 'CPU', units: 2000, usedUnits: 500, classes: [{ class: 'VOICE', granted: '7', refused: { no_room: '3' } }] }],
  leases: [{ token: '1', artifact: 'tts.voice', holder: 'lobby/iris', silicon: 'CPU', heldForMs: 1200 }],
  waiting: [{ artifact: 'vision.look', holder: 'lobby/max', silicon: 'CPU', waitingMs: 300 }],
};

/** events are those of a room; at is when, as the contract has it. */
const events = (room, at) => [
  { kind: 'lease', state: 'refused', error: 'no room for the voice', lease: { holder: 'lobby/iris' } },
  { kind: 'reply', turn: 1, persona: 'iris', who: 'ada', reply: { question: 'And now?', answer: 'A fern.', promptTokens: 40, reusedTokens: 12, broke: 'the picture is another one' } },
  { kind: 'memory', persona: 'iris', memory: { decisions: [{ text: 'Ada likes tea.', outcome: 'admitted' }, { text: 'I am kind.', outcome: 'dropped', reason: 'self_echo' }] } },
  { kind: 'step', step: { effects: [{ verb: 'cancel', who: 'iris', value: 'interrupted' }, { verb: 'skip', who: 'ada', value: 'backchannel' }] } },
].map((e, i) => ({ ...e, room, at, sequence: String(i + 1) }));

export const checks = {
  async told(given) {
    await within(given, {}, async (browser) => {
      const page = await visit(browser, given.page);
      let first = true;
      await page.setRequestInterception(true);
      page.on('request', (r) => {
        const answer = (contentType, body) => r.respond({ status: 200, contentType, body });
        if (r.url().endsWith('/ListLeases')) void answer('application/json', JSON.stringify(leases));
        else if (r.url().endsWith('/WatchEvents')) {
          const { room } = JSON.parse(r.postData().slice(5));
          const all = first ? events(room, new Date().toISOString()) : [];
          first = false;
          void answer('application/connect+json', Buffer.concat([framed({ sequence: '9', log: 'a', events: all }), framed({}, 2)]));
        } else void r.continue();
      });
      await page.reload();
      const shows = (what, where, text) => until(page, what, (w, t) => document.querySelector(w)?.innerText.replace(/\s+/g, ' ').includes(t), where, text);
      await shows('marks', '.wave .mark.interruption', '▼ 1 interruption');
      await shows('marks', '.wave .mark.backchannel', '● 1 backchannel');
      await until(page, 'marks in the lanes', marked);
      assert.match(await page.$eval('.lanes canvas', (c) => c.getAttribute('aria-label')), /: 1 interruption, 1 backchannel$/);
      await shows('what is refused', '.leases .plain', '3× VOICE on CPU: no room');
      await shows('who was refused', '.leases .plain', 'lobby/iris: no room for the voice');
      await shows('who waits', '.leases .waits', 'vision.look lobby/max CPU waits 0.3 s');
      await shows('where the prompt changed', '.context', 'turn 1: 12 of 40 tokens reused the picture is another one');
      await shows('what is remembered', '.context', 'iris admitted Ada likes tea.');
      await shows('what is not', '.context', 'iris dropped I am kind. self echo');
      await audit(page, 'what is rare');
    });
  },
};

/** marked tells whether both signs are drawn in the lanes, in their colours. */
function marked() {
  const c = document.querySelector('.lanes canvas');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  const to = document.createElement('canvas').getContext('2d');
  return ['--bad', '--good'].every((name) => {
    to.fillStyle = getComputedStyle(c).getPropertyValue(name);
    to.fillRect(0, 0, 1, 1);
    const [r, g, b] = to.getImageData(0, 0, 1, 1).data;
    let n = 0;
    for (let i = 0; i < d.length; i += 4) if (d[i] === r && d[i + 1] === g && d[i + 2] === b) n++;
    return n > 20;
  });
}
