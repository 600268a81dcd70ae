import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeRemote } from '../../../test/conformance/remote.ts';
import { createLocalRemote } from './local-remote.ts';

const shared = join(mkdtempSync(join(tmpdir(), 'veracity-local-')), 'made', 'by the push');
describeRemote('a folder', {
  open: async () => createLocalRemote(shared),
  script: (body) => `
    import { openRemote } from '${builtModule('keeping/remotes/index.js')}';
    const remote = await openRemote({ name: null, url: ${JSON.stringify(shared)} });
    ${body}`,
  clear: async () => rmSync(shared, { recursive: true, force: true }),
  stop: async () => rmSync(join(shared, '../..'), { recursive: true, force: true }),
});
