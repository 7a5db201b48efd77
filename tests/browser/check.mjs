// node check.mjs BASE_URL OUTDIR [--languages en,es,pt,fr] [--paths /,/commitments] [--screenshots]
//
// Visits the pages of a running node in Debian's Chromium, in each language, and fails on: an axe
// finding (WCAG 2.0 to 2.2 A and AA, best practice), sideways scrolling at 320 or 1280 px, a console
// message, a request to another origin, a first load above 200 kB, a link that leads nowhere.
// A page is loaded once in each language and looked at twice: by day at one width with all rules,
// by night at the other with the rule of contrast, which alone depends on the theme. From one
// language to the next the widths change places, so that four languages see every width and theme
// twice. Leaves a screenshot of each look that failed, or of every look with --screenshots, in
// OUTDIR. Prints "N passed, N failed" as its last line.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const FIRST_LOAD_BYTES_MAX = 200 * 1000;
const WIDTHS = [1280, 320];
const PAGES_AT_ONCE = 3;
const FETCHES_AT_ONCE = 4;
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const EXPECTED_STATUS = { '/nowhere': 404 };

const [base, outdir, ...rest] = process.argv.slice(2);
if (!base || !outdir) {
  console.error('usage: node check.mjs BASE_URL OUTDIR [--languages en,es] [--paths /,/data] [--screenshots]');
  process.exit(2);
}
const option = (name, fallback) => {
  const at = rest.indexOf(name);
  return at < 0 ? fallback : rest[at + 1].split(',');
};
const screenshots = rest.includes('--screenshots');
const languages = option('--languages', ['en', 'es', 'pt', 'fr']);
const origin = new URL(base).origin;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Lists lead to one page of each kind, so the check needs no knowledge of what a node holds.
const LISTS = ['/', '/commitments', '/commitments?theme=firearms&page=1', '/search?q=firearms',
  '/search', '/documents', '/meetings', '/themes', '/treaties', '/institutions', '/countries',
  '/countries/CRI', '/methods', '/data', '/sign-in', '/nowhere',
  '/figures', '/figures?q=drug', '/figures/homicide_rate', '/figures/homicide_rate?territory=GRD',
  '/figures/kidnapping_rate', '/figures/explorer', '/figures/releases', '/figures/method',
  '/figures/explorer?indicator=homicide_rate&table=2&territory=COL&sex=F',
  '/figures/releases/catalogue-homicides-2019', '/figures/countries/COL',
  '/figures/countries/PAN?within=PAN', '/figures/countries/PAN?within=PA-8&rates=crude',
  '/figures/quality/PAN', '/figures/codes/sex',
  '/participation', '/follow-up/cells/summit-2015-p2qndxbj/PAN/participate',
  '/figures/countries/CUB', '/rounds', '/questionnaires/mesicic', '/checklists/cifta',
  '/checklists/cifta/art-4', '/deadlines', '/deadlines/reports?country=ARG',
  '/briefs/PAN?theme=firearms'];
const KINDS = [['/commitments', '/commitments/'], ['/documents', '/documents/'],
  ['/documents', '/sources/'], ['/meetings', '/meetings/'], ['/themes', '/themes/'],
  ['/treaties', '/treaties/'], ['/institutions', '/institutions/']];

async function discover(context, language) {
  const paths = [...LISTS];
  const page = await context.newPage();
  for (const [list, prefix] of KINDS) {
    await page.goto(`${origin}/${language}${list}`);
    const found = await page.$$eval('main a[href]', (links) => links.map((a) => a.getAttribute('href')));
    const first = found.find((href) => href.startsWith(`/${language}${prefix}`));
    if (first) paths.push(first.slice(language.length + 1));
  }
  await page.close();
  return paths;
}

const links = new Map();  // address -> the page that it stands on

async function collectLinks(page, where) {
  // By attribute: the href of a link inside a drawing is an object.
  const found = await page.$$eval('a[href]', (all) => all.map((a) => a.getAttribute('href')));
  for (const given of found) {
    const href = new URL(given, page.url()).href;
    if (new URL(href).origin === origin) links.set(href.split('#')[0], where);
  }
}

// Every address that stands on a page is asked for once; forms behind a sign-in may say so.
async function deadLinks() {
  const dead = [];
  const left = [...links];
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [href, where] = next;
      const answer = await fetch(href, { redirect: 'manual' });
      await answer.arrayBuffer();
      if (answer.status >= 400 && answer.status !== 401 && !href.endsWith('/nowhere')) {
        dead.push(`${answer.status} ${href} on ${where}`);
      }
    }
  }));
  return dead;
}

async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return '';
    const wide = [...document.querySelectorAll('body *')].find(
      (e) => e.getBoundingClientRect().right > width + 1 && getComputedStyle(e).position !== 'absolute' &&
        !e.closest('.scroll') && !e.closest('svg svg'));
    return `${document.documentElement.scrollWidth} > ${width}: ` +
      (wide ? `${wide.tagName.toLowerCase()}.${wide.getAttribute('class')}` : '?');
  });
}

async function axeFindings(page, rules) {
  const result = await page.evaluate(
    (runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] }), rules);
  return result.violations.map((v) => `axe ${v.id} (${v.nodes.length}): ${v.help}: ` +
    v.nodes.slice(0, 2).map((n) => n.html.slice(0, 140)).join(' | '));
}

// One tab, used for one view after another; what it reports goes to the view that is open.
async function openTab(browser) {
  const context = await browser.newContext({ bypassCSP: false, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });  // every load is a first
  const tab = { context, page, problems: [], bytes: 0, expected: 200 };
  session.on('Network.loadingFinished', (event) => { tab.bytes += event.encodedDataLength; });
  page.on('console', (message) => {
    const known = tab.expected !== 200 && message.text().includes(String(tab.expected));
    if (!known) tab.problems.push(`console ${message.type()}: ${message.text().slice(0, 200)}`);
  });
  page.on('pageerror', (error) => tab.problems.push(`script error: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) tab.problems.push(`request to ${request.url()}`);
  });
  return tab;
}

async function look(tab, name, width, theme) {
  const { page } = tab;
  await page.setViewportSize({ width, height: width < 720 ? 640 : 900 });
  await page.emulateMedia({ colorScheme: theme });
  const sideways = await overflow(page);
  if (sideways) tab.problems.push(`${width} px: scrolls sideways: ${sideways}`);
  const before = tab.problems.length;
  tab.problems.push(...(await axeFindings(page, theme === 'light'
    ? { type: 'tag', values: AXE_TAGS } : { type: 'rule', values: ['color-contrast'] }))
    .map((finding) => `${width} px ${theme}: ${finding}`));
  if (screenshots || sideways || tab.problems.length > before) {
    await page.screenshot({ path: path.join(outdir, `${name}-${width}-${theme}.png`), fullPage: true });
  }
}

async function visit(tab, { language, where, wideFirst }) {
  const { page } = tab;
  tab.problems = [];
  tab.bytes = 0;
  tab.expected = EXPECTED_STATUS[where] ?? 200;
  const [first, second] = wideFirst ? WIDTHS : WIDTHS.toReversed();
  const name = `${language}${where === '/' ? '-home' : where.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`;
  await page.setViewportSize({ width: first, height: first < 720 ? 640 : 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  const response = await page.goto(`${origin}/${language}${where}`, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready.then(() => true));
  if (response.status() !== tab.expected) {
    tab.problems.push(`status ${response.status()}, not ${tab.expected}`);
  }
  if (tab.bytes > FIRST_LOAD_BYTES_MAX) tab.problems.push(`first load ${tab.bytes} bytes`);
  const bytes = tab.bytes;
  if (language === languages[0]) await collectLinks(page, where);
  await page.evaluate(axe);  // by the browser's own protocol, which the page's policy does not bind
  await look(tab, name, first, 'light');
  await look(tab, name, second, 'dark');
  return { name, bytes, problems: tab.problems };
}

// A country brief is two sheets; Ecuador's also holds a statement of position.
async function longBriefs(context) {
  const long = [];
  const page = await context.newPage();
  for (const language of languages) {
    await page.goto(`${origin}/${language}/countries/ECU`);
    const sheets = (await page.pdf({ format: 'Letter' })).toString('latin1')
      .match(/\/Type\s*\/Page\b/g).length;
    if (sheets > 2) long.push(`${language}: the brief of Ecuador prints on ${sheets} sheets`);
  }
  await page.close();
  return long;
}

fs.mkdirSync(outdir, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let passed = 0;
let failed = 0;
let heaviest = 0;
const context = await browser.newContext();
const paths = option('--paths', null) ?? await discover(context, languages[0]);
const long = option('--paths', null) ? [] : await longBriefs(context);
long.forEach((problem) => console.log(`FAILED ${problem}`));
failed += long.length;
await context.close();
const views = paths.flatMap((where, at) => languages.map(
  (language, turn) => ({ language, where, wideFirst: (at + turn) % 2 === 0 })));
await Promise.all(Array.from({ length: PAGES_AT_ONCE }, async () => {
  const tab = await openTab(browser);
  for (let view = views.shift(); view; view = views.shift()) {
    const { name, bytes, problems } = await visit(tab, view);
    heaviest = Math.max(heaviest, bytes);
    passed += problems.length === 0 ? 1 : 0;
    failed += problems.length === 0 ? 0 : 1;
    if (problems.length > 0) console.log(`FAILED ${name}`);
    for (const problem of new Set(problems)) console.log(`  ${problem}`);
  }
  await tab.context.close();
}));
await browser.close();
const dead = await deadLinks();
dead.forEach((link) => console.log(`FAILED link ${link}`));
failed += dead.length;
passed += links.size - dead.length;
console.log(`heaviest first load: ${heaviest} bytes`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
