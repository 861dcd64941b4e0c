import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { createGatewayService, type GatewayService } from '@glitchwatch/gateway';
import { topicLayouts } from '@glitchwatch/proto';
import { createLogger, createRegistry, systemClock } from '@glitchwatch/service-kit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../fixtures/explorer-world.js';

const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const explorerDir = fileURLToPath(new URL('../../apps/explorer/dist', import.meta.url));
const missing = [
  ...(existsSync(chromiumPath) ? [] : [`no chromium at ${chromiumPath}`]),
  ...(existsSync(explorerDir) ? [] : [`no built explorer at ${explorerDir}`]),
];
const title = missing.length === 0 ? 'explorer' : `explorer (skipped: ${missing.join(', ')})`;

/** Software WebGL, no sandbox, nothing to the network. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

describe.skipIf(missing.length > 0)(title, () => {
  let browser: Browser;
  let page: Page;
  let dir: string;
  let log: EventLog;
  let gateway: GatewayService;
  let world: World;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: flags });
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'explorer-'));
    log = await openEmbeddedEventLog({ dir, pollIntervalMs: 5 });
    await log.ensureTopics(topicLayouts);
    world = createWorld(log);
    gateway = createGatewayService(
      { httpPort: 0, grpcPort: 0, explorerDir, mapSettleMs: 50 },
      {
        log,
        logger: createLogger({ name: 'test', level: 'silent' }),
        registry: createRegistry(),
        clock: systemClock,
      },
    );
    await gateway.start();
    complaints.length = 0;
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    await gateway.stop();
    await log.close();
    await rm(dir, { recursive: true, force: true });
    // The content security policy, a broken request or our own bug would show here.
    expect(complaints).toEqual([]);
  });

  it('waits for the first map and shows it when it comes', async () => {
    await world.glitches(37);
    await page.goto(gateway.httpUrl);
    await page.getByText('Collecting glitches').waitFor();
    await page.getByText('37 of 200 until the first map').waitFor();
    expect(await colouredPixels(page)).toBeLessThan(200);
    await world.fit();
    await page.getByText('37 glitches, coloured by family').waitFor();
    await page.getByRole('button', { name: /Family 0/ }).waitFor();
    await expect.poll(() => colouredPixels(page), { timeout: 10_000 }).toBeGreaterThan(200);
  });

  it('shows the spectrograms of the glitch under the pointer, and pins it', async () => {
    await world.glitches(60);
    await world.fit();
    await page.goto(gateway.httpUrl);
    await page.getByText('60 glitches, coloured by family').waitFor();
    await hoverOnSomePoint(page);
    const card = page.locator('.hover-card');
    await card.locator('img.shown').nth(3).waitFor();
    expect(await card.locator('img.shown').count()).toBe(4);
    await card.getByText('Peak frequency').waitFor();
    await page.mouse.down();
    await page.mouse.up();
    const panel = page.getByRole('complementary', { name: 'Pinned glitch' });
    await panel.locator('.spectrogram-figure img.shown').waitFor();
    await panel.getByText('Nearest glitches').waitFor();
    expect(new URL(page.url()).searchParams.get('glitch')).toMatch(/^[0-9a-f]{32}$/);
    await page.reload();
    await panel.locator('.spectrogram-figure img.shown').waitFor();
  });

  it('takes live glitches and a novelty alert in while it is open', async () => {
    await world.glitches(40);
    await world.fit();
    await page.goto(gateway.httpUrl);
    await page.getByText('40 glitches, coloured by family').waitFor();
    await page.getByRole('button', { name: /Family 1/ }).click();
    await world.glitches(3);
    await page.getByText(/of 43 glitches/).waitFor();
    expect(new URL(page.url()).searchParams.get('family')).toBe('1');
    await page.keyboard.press('Escape');
    await world.alert('5 glitches unlike any family');
    const banner = page.getByRole('region', { name: 'Open novelty alert' });
    await banner.getByText('5 glitches unlike any family').waitFor();
    await banner.getByRole('button').click();
    const panel = page.getByRole('complementary', { name: 'Novelty alert' });
    await panel.locator('img.shown').first().waitFor();
    await panel.getByText('Nearest families').waitFor();
  });

  it('lets a person name a family, for every page', async () => {
    await world.glitches(20);
    await world.fit();
    await page.goto(gateway.httpUrl);
    await page.getByRole('button', { name: /Family 1/ }).click();
    const panel = page.getByRole('complementary', { name: 'Family 1' });
    await panel.getByRole('button', { name: 'Rename' }).click();
    await panel.getByLabel('Name').fill('Whistles');
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: /Family 1 ?Whistles/ }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: /Family 1 ?Whistles/ }).waitFor();
  });

  it('shows what a family is called, takes a label, and lists it where it disagrees', async () => {
    await world.glitches(30);
    await world.fit();
    const map = (await (await fetch(`${gateway.httpUrl}/v1/map`)).json()) as {
      readonly glitchIds: readonly string[];
      readonly familyIds: readonly number[];
    };
    const members = map.glitchIds.filter((_id, i) => map.familyIds[i] === 1);
    expect(members).toHaveLength(10);
    for (const glitchId of members) {
      const answer = await fetch(`${gateway.httpUrl}/v1/glitches/${glitchId}/label`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ label: 'Alike', by: 'test' }),
      });
      expect(answer.status).toBe(200);
    }
    await page.goto(`${gateway.httpUrl}/?family=1`);
    const family = page.getByRole('complementary', { name: 'Family 1' });
    await family.getByText(/100.% pure/).waitFor();
    await family
      .getByRole('region', { name: 'Least certain members' })
      .getByRole('button')
      .first()
      .click();
    const panel = page.getByRole('complementary', { name: 'Pinned glitch' });
    await panel.getByLabel('New label').fill('Odd one');
    await panel.getByRole('button', { name: 'Set' }).click();
    await panel.getByText(/^Odd one by explorer/).waitFor();
    const list = page.getByRole('region', { name: 'Labels against families' });
    await list.getByText('1 disagree').waitFor();
    await list.getByRole('button', { name: /Odd one in Family 1 of Alike/ }).waitFor();
    await panel.getByRole('button', { name: 'Take back' }).click();
    await panel.getByText(/as it came along/).waitFor();
  });

  it('says when the gateway is away', async () => {
    await world.glitches(10);
    await world.fit();
    await page.goto(gateway.httpUrl);
    await page.getByText('10 glitches, coloured by family').waitFor();
    await page.locator('.badge.live').waitFor();
    await gateway.stop();
    await page.getByText('The gateway is away').waitFor({ timeout: 60_000 });
    expect(await page.locator('.badge').innerText()).toContain('Disconnected');
    // Refused connections are what this test is about.
    complaints.length = 0;
  });
});

/** Coloured pixels of the map as a person sees it: counted on a picture of the page. */
async function colouredPixels(page: Page): Promise<number> {
  const picture = await page.locator('.map-host').screenshot();
  return page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no 2-D canvas');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let coloured = 0;
      for (let i = 0; i < data.length; i += 4) {
        const channels = [data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0];
        if (Math.max(...channels) - Math.min(...channels) > 80) coloured += 1;
      }
      return coloured;
    },
    `data:image/png;base64,${picture.toString('base64')}`,
  );
}

/** Walks over the map until a point is under the pointer. */
async function hoverOnSomePoint(page: Page): Promise<void> {
  const box = await page.locator('.map-host').boundingBox();
  if (box === null) throw new Error('no map on the page');
  for (let i = 0; i < 4_000; i++) {
    const x = box.x + box.width * (0.1 + 0.8 * ((i * 0.618_034) % 1));
    const y = box.y + box.height * (0.1 + 0.8 * ((i * 0.381_966 * 1.7) % 1));
    await page.mouse.move(x, y);
    if (await page.locator('.map-host.over-point').count()) return;
  }
  throw new Error('no point found on the map');
}
