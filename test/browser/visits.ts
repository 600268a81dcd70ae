// Provides one Chromium for the tests of a file. Servers, pages and contexts are closed after the test that opened them,
// the latest first, whether it passed or not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type ServerOptions, startServer } from '../../src/public/serve.ts';
import { createRealModel } from '../serve/real-model.ts';
import { chromiumPath, launchChromium, openBarePage, openPage, type WatchedPage } from './chromium.ts';
import {
  buildPage,
  openReceipts,
  type PageServer,
  type PageServerOptions,
  startPageServer,
} from './page-server.ts';

export interface Visit extends WatchedPage {
  readonly server: PageServer;
}

export interface Visits {
  /** Starts a server with the page, whose predictions the test decides. */
  serve(options?: PageServerOptions): Promise<PageServer>;
  /** Opens the page of a server and waits until it shows the facts about the model. */
  open(url: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  /** Opens an address, and waits for nothing. */
  openBare(address: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  /** Starts a server with `serve` and opens its page. */
  visit(options?: PageServerOptions): Promise<Visit>;
  /** Starts a server that keeps receipts and feedback, and opens its page. */
  visitWithReceipts(options?: PageServerOptions): Promise<Visit & ReturnType<typeof openReceipts>>;
  /** Opens the page of a real server with a real model that has random weights. */
  visitReal(model?: Parameters<typeof createRealModel>[1], options?: Partial<ServerOptions>): Promise<Visit>;
  /** Creates an empty page in a new context. */
  createPage(): Promise<Page>;
  /** Creates a folder that is deleted after the test. */
  createFolder(): string;
  /** Closes `one` after the test. */
  closeLater(one: { close(): unknown }): void;
}

/** Call this at the top of a file of tests. It builds the page if it is stale, and starts Chromium if there is one. */
export function createVisits(): Visits {
  let browser: Browser | undefined;
  const opened: { close(): unknown }[] = [];
  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    buildPage();
    browser = await launchChromium();
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  afterAll(() => browser?.close());

  const keep = <T extends { close(): unknown }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const visits: Visits = {
    serve: async (options) => keep(await startPageServer(options)),
    open: async (url, options) => keep(await openPage(browser!, url, options)),
    openBare: async (address, options) => keep(await openBarePage(browser!, address, options)),
    visit: async (options) => {
      const server = await visits.serve(options);
      return { ...(await visits.open(server.url)), server };
    },
    visitWithReceipts: async (options) => {
      const receipts = openReceipts(visits.createFolder());
      keep(receipts.journal);
      return { ...(await visits.visit({ ...receipts, ...options })), ...receipts };
    },
    visitReal: async (model, options) => {
      const modelFolder = join(visits.createFolder(), 'model');
      createRealModel(modelFolder, model);
      const server = keep(
        await startServer({ modelFolder, modelVersion: 'compact@7', port: 0, threads: 1, ...options }),
      );
      return { ...(await visits.open(server.url)), server };
    },
    createPage: async () => keep(await browser!.newContext()).newPage(),
    createFolder: () => {
      const folder = mkdtempSync(join(tmpdir(), 'veracity-page-'));
      keep({ close: () => rmSync(folder, { recursive: true, force: true }) });
      return folder;
    },
    closeLater: (one) => void keep(one),
  };
  return visits;
}
