// node editor.mjs BASE_URL OUTDIR NAME PASSWORD: an editor's day in a real browser, without and with
// scripts: sign in, review and apply an import, edit a title, confirm an antecedent and withdraw
// it, sign out. Every page on the way is checked by axe. The node is changed: use a throw-away one.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [base, outdir, name, password] = process.argv.slice(2);
const origin = new URL(base).origin;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
fs.mkdirSync(outdir, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

async function look(page, label) {
  await page.screenshot({ path: path.join(outdir, `editor-${label}.png`), fullPage: true });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: {
    type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), [], label);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${label} scrolls sideways by ${wide}`);
}

// The first commitment, among those whose text is held, that has a candidate to confirm.
async function withCandidates(page, language) {
  await page.goto(`${origin}/${language}/commitments?held=yes`);
  const hrefs = await page.$$eval('main ol.rows a', (all) => all.map((a) => a.getAttribute('href')));
  for (const href of hrefs) {
    await page.goto(`${origin}${href}/antecedents`);
    if (await page.locator('ol.rows > li').count() > 0) return href;
  }
  throw new Error('no held commitment has a candidate');
}

async function day(language, width, scripts) {
  // Axe needs scripts; the pages do not: the day without them is walked, not looked at.
  const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled: scripts });
  const page = await context.newPage();
  const seen = (label) => (scripts ? look(page, `${label}-${language}-${width}`) : Promise.resolve());
  await page.goto(`${origin}/${language}/sign-in`);
  await page.fill('input[name=name]', name);
  await page.fill('input[name=password]', 'not the password');
  await page.click('main button');
  assert.equal(await page.locator('.error-summary').count(), 1);
  await seen('refused');
  await page.fill('input[name=password]', password);
  await page.click('main button');
  await page.goto(`${origin}/${language}/desk`);
  await seen('desk');

  const stamp = `${language}${width}${scripts ? 'y' : 'n'}`;
  await page.setInputFiles('input[type=file]', { name: `trial-${stamp}.txt`, mimeType: 'text/plain',
    buffer: Buffer.from(`Security\n\n  1. Train the officers of the post ${stamp} in first aid. (Plan of Action Santiago, 1998).\n` +
      `  1. Publish the yearly figures of the post ${stamp}. (Plan of Action Santiago, 1998).\n`) });
  await page.click('form[enctype] button');
  assert.match(await page.textContent('main'), new RegExp(`trial-${stamp}\\.txt`));
  await seen('import');
  await page.click('form[action$="/apply"] button');
  assert.match(page.url(), /\/desk\?done=imported$/);
  await seen('imported');

  const href = await withCandidates(page, language);
  await page.goto(`${origin}${href}`);
  await seen('commitment');
  await page.goto(`${origin}${href}/titles`);
  const form = page.locator(`form:has(#title-${language})`);
  await form.locator('textarea').first().fill(`A title by hand ${stamp}`);
  await form.locator('input[name=reason]').fill('a trial');
  await form.locator('button').click();
  assert.match(await page.textContent('main'), new RegExp(`A title by hand ${stamp}`));
  await seen('titles');

  await page.goto(`${origin}${href}/antecedents`);
  await seen('antecedents');
  const before = await page.locator('form[action$="/withdraw"]').count();
  const candidate = page.locator('ol.rows > li').first();
  await candidate.locator('input[name=reason]').fill('both ask the same');
  await candidate.locator('button').click();
  assert.equal(await page.locator('form[action$="/withdraw"]').count(), before + 1);
  await seen('confirmed');
  await page.locator('form[action$="/withdraw"] button').last().click();
  assert.equal(await page.locator('form[action$="/withdraw"]').count(), before);

  // Submission 5 is the one of pages.py.
  for (const [path, label] of [['', 'submission'], ['/protocol', 'protocol']]) {
    const answer = await page.goto(`${origin}/${language}/desk/figures/submissions/5${path}`);
    assert.equal(answer.status(), 200);
    await seen(label);
  }

  await page.goto(`${origin}/${language}/desk`);
  await page.click('form[action$="/sign-out"] button');
  const left = await page.goto(`${origin}/${language}/desk`);
  assert.ok(left.status() === 401 || page.url().includes('/sign-in'));
  await context.close();
}

let passed = 0;
let failed = 0;
for (const [language, width, scripts] of [['en', 1280, true], ['es', 320, true], ['fr', 800, false]]) {
  try {
    await day(language, width, scripts);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${language} ${width} ${scripts ? 'with' : 'without'} scripts: ${error.message.slice(0, 900)}`);
  }
}

// "/" goes to the search field, the copy button puts the citation on the clipboard.
const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
const page = await context.newPage();
try {
  await page.goto(`${origin}/en/commitments`);
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
  await page.goto(`${origin}${await page.locator('main ol.rows a').first().getAttribute('href')}`);
  await page.click('button[data-copy]');
  await page.waitForFunction(() => document.querySelector('#status').textContent !== '');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, (await page.textContent('#citation')).trim());
  passed += 1;
} catch (error) {
  failed += 1;
  console.log(`FAILED comforts: ${error.message.slice(0, 500)}`);
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
