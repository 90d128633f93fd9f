// Looks at the console in a browser beside a real service, as a person would. Standard input says
// where everything is, in JSON; each check prints a line of JSON: its name, and what was wrong.
import { text } from 'node:stream/consumers';
import { checks as figures } from './figures.mjs';
import { checks as looks } from './looks.mjs';
import { checks as rooms } from './rooms.mjs';
import { checks as steering } from './steering.mjs';
import { checks as told } from './told.mjs';

const given = JSON.parse(await text(process.stdin));
const all = { ...looks, ...told, ...rooms, ...steering };
const wanted = Object.entries(given.only === 'figures' ? figures : all).filter(([name]) => !given.only || name === given.only);

for (const [name, check] of wanted) {
  let wrong = '';
  const said = [];
  const from = Date.now();
  try {
    await check(given, (text) => said.push(text));
  } catch (e) {
    wrong = e.stack ?? String(e);
  }
  process.stdout.write(`${JSON.stringify({ name, wrong, said, seconds: (Date.now() - from) / 1000 })}\n`);
}
