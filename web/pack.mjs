// Packs what Vite built into dist/, which is what the program embeds: one .gz a file. With --check it
// writes nothing and fails where dist/ is not what was built.
import { existsSync, readdirSync, readFileSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

const here = (name) => new URL(name, import.meta.url);
const limit = 400_000; // bytes, packed

// What others wrote of the page, under the licences that they want to be shown.
function licences() {
  const lock = JSON.parse(readFileSync(here('package-lock.json'), 'utf8'));
  const used = Object.entries(lock.packages).filter(([name, p]) => name && !p.dev && !p.optional && !p.peer);
  return used.map(([name, p]) => {
    const file = readdirSync(here(name)).find((f) => /^licen[cs]e/i.test(f));
    const text = file && existsSync(here(`${name}/${file}`)) ? readFileSync(here(`${name}/${file}`), 'utf8').trim() : '';
    return `${name.replace(/^.*node_modules\//, '')} ${p.version}, ${p.license}\n\n${text}\n`;
  }).join(`\n${'-'.repeat(72)}\n\n`);
}

// What dist/ was built from, so that a test in Go sees that it is old (web_test.go does the same).
function sources() {
  const files = readdirSync(here('src'), { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile()).map((f) => `${f.parentPath ?? f.path}/${f.name}`.replace(/^.*\/src\//, 'src/'));
  files.push('index.html', 'package-lock.json', 'pack.mjs', 'tsconfig.json', 'vite.config.ts');
  const all = createHash('sha256');
  for (const name of files.sort()) {
    const sum = createHash('sha256').update(readFileSync(here(name))).digest('hex');
    all.update(`${sum}  ${name}\n`);
  }
  return `${all.digest('hex')}\n`;
}

writeFileSync(here('out/licences.txt'), licences());
const built = readdirSync(here('out')).sort();

let total = 0;
const packed = built.map((name) => {
  const body = gzipSync(readFileSync(here(`out/${name}`)), { level: 9 });
  body[9] = 255; // the system it was packed on is nobody's business
  total += body.length;
  return [`${name}.gz`, body];
});
for (const [name, body] of packed) console.log(`${String(body.length).padStart(8)}  ${name}`);
console.log(`${String(total).padStart(8)}  together, of ${limit}`);
if (total > limit) throw new Error('the page is larger than it may be');

if (process.argv.includes('--check')) {
  const kept = readdirSync(here('dist')).sort();
  const same = kept.length === packed.length && packed.every(([name, body], i) =>
    kept[i] === name && gunzipSync(readFileSync(here(`dist/${name}`))).equals(gunzipSync(body)));
  if (readFileSync(here('sources.sha256'), 'utf8') !== sources()) throw new Error('dist/ is older than src/: run npm run build in web/');
  if (!same) throw new Error('dist/ is not what src/ makes: run npm run build in web/');
} else {
  rmSync(here('dist'), { recursive: true, force: true });
  mkdirSync(here('dist'));
  for (const [name, body] of packed) writeFileSync(here(`dist/${name}`), body);
  writeFileSync(here('sources.sha256'), sources());
}
