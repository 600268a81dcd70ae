import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDatasetStore } from '../../../test/conformance/dataset-store.ts';
import { builtModule } from '../../../test/conformance/place.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileBlobStore } from '../blobs/file-blob-store.ts';
import { createFileDatasetStore } from './file-dataset-store.ts';

describeDatasetStore('a dataset store on files', () => {
  const home = locateHome(mkdtempSync(join(tmpdir(), 'veracity-datasets-')));
  const blobs = createFileBlobStore(home.blobs);
  return {
    blobs,
    open: () => createFileDatasetStore(home, blobs),
    script: (body) => `
      import { createFileBlobStore } from '${builtModule('keeping/blobs/index.js')}';
      import { createFileDatasetStore } from '${builtModule('keeping/datasets/index.js')}';
      const home = ${JSON.stringify(home)};
      const store = createFileDatasetStore(home, createFileBlobStore(home.blobs));
      ${body}`,
    remove: () => rmSync(home.root, { recursive: true, force: true }),
  };
});
