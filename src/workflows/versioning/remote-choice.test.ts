import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { findRepository } from '../../keeping/dvc/index.ts';
import type { RemoteSettings } from '../../keeping/remotes/index.ts';
import { chooseRemote } from './remote-choice.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-choice-')));
  mkdirSync(join(folder, '.git'));
  vi.stubEnv('DVC_GLOBAL_CONFIG_DIR', join(folder, 'user'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const choose = (name: string | null, ...overrides: string[]): Partial<RemoteSettings> => {
  const context = createQuietContext(locateHome(join(folder, '.veracity')), folder);
  const { settings } = chooseRemote(findRepository(folder, null), { name, overrides }, context);
  const { uploadsFolder, ...others } = settings;
  expect(uploadsFolder).toMatch(/uploads$/);
  return others;
};

describe('the remote of a push or pull', () => {
  it.each([
    ['a', 'a → a', { a: 'a' }],
    ['a', 'a → b → a', { a: 'b', b: 'a' }],
    ['a', 'a → b → c → b', { a: 'b', b: 'c/x', c: 'b' }],
  ])('%s is refused if remotes refer to each other in a circle: %s', (name, circle, remotes) => {
    const sections = Object.entries(remotes).map(
      ([one, other]) => `['remote "${one}"']\n url = remote://${other}\n`,
    );
    write('.dvc/config', sections.join(''));
    expect(() => choose(name)).toThrow(
      expect.objectContaining({ code: 'DVC_CONFIG_INVALID', message: expect.stringContaining(circle) }),
    );
  });

  it('is read from .dvc/config, with secrets from .dvc/config.local', () => {
    write(
      '.dvc/config',
      `[core]
    remote = store
['remote "store"']
    url = s3://bucket/folder
    endpointurl = http://127.0.0.1:9000
    region = eu-central-1
    profile = team
['remote "google"']
    url = gs://bucket/folder
    credentialpath = ../key.json
    projectname = news
['remote "open"']
    url = s3://open
    allow_anonymous_login = true
['remote "part"']
    url = remote://store/part
['remote "disk"']
    url = ../../disk
`,
    );
    write(
      '.dvc/config.local',
      `['remote "store"']\n    access_key_id = AKIA\n    secret_access_key = geheim\n`,
    );
    expect(choose(null)).toEqual({
      name: 'store',
      url: 's3://bucket/folder',
      endpoint: 'http://127.0.0.1:9000',
      region: 'eu-central-1',
      profile: 'team',
      accessKeyId: 'AKIA',
      secretAccessKey: 'geheim',
    });
    expect(choose('google')).toEqual({
      name: 'google',
      url: 'gs://bucket/folder',
      credentialsFile: join(folder, 'key.json'),
      project: 'news',
    });
    expect(choose('open')).toMatchObject({ isAnonymous: true });
    expect(choose('part')).toMatchObject({ url: 's3://bucket/folder/part' });
    expect(choose('disk')).toMatchObject({ url: join(folder, '..', 'disk') });
  });

  it('is a file of configs/remote, by its name or with changes', () => {
    write('configs/remote/team.yaml', 'defaults: [s3]\nurl: s3://team/news\nprofile: team\n');
    expect(choose('team')).toEqual({ name: 'team', url: 's3://team/news', profile: 'team' });
    expect(choose(null, 'remote=team', 'remote.region=eu-west-1')).toMatchObject({
      url: 's3://team/news',
      region: 'eu-west-1',
    });
    expect(choose(null, 'remote=local', 'remote.url=store')).toEqual({
      name: null,
      url: join(folder, 'store'),
    });
    expect(choose(null, 'remote=gs', 'remote.url=gs://b', 'remote.credentials_file=key.json')).toMatchObject({
      url: 'gs://b',
      credentialsFile: join(folder, 'key.json'),
    });
  });

  it('of .dvc/config comes before a file of the same name; overrides come before both', () => {
    write('.dvc/config', `['remote "team"']\n    url = s3://of-dvc\n`);
    write('configs/remote/team.yaml', 'defaults: [s3]\nurl: s3://of-configs\n');
    expect(choose('team')).toMatchObject({ url: 's3://of-dvc' });
    expect(choose('team', 'remote=team')).toMatchObject({ url: 's3://of-configs' });
  });

  it('without a name is the default of .dvc/config, then that of the own configs/remote.yaml', () => {
    write('configs/remote.yaml', 'defaults:\n  - remote: team\n  - _self_\n');
    write('configs/remote/team.yaml', 'defaults: [s3]\nurl: s3://of-configs\n');
    expect(choose(null)).toMatchObject({ url: 's3://of-configs' });
    write('.dvc/config', `[core]\n    remote = dvc\n['remote "dvc"']\n    url = s3://of-dvc\n`);
    expect(choose(null)).toMatchObject({ url: 's3://of-dvc' });
  });

  it('may be an address or a folder', () => {
    expect(choose('gs://bucket/folder')).toEqual({ name: null, url: 'gs://bucket/folder' });
    expect(choose('./store')).toEqual({ name: null, url: join(folder, 'store') });
  });

  it('is named with those that are known if there is none', () => {
    write('.dvc/config', `['remote "store"']\n    url = s3://store\n`);
    write('configs/remote/team.yaml', 'defaults: [s3]\nurl: s3://team\n');
    const refusal = (name: string | null, ...overrides: string[]): unknown => {
      try {
        return choose(name, ...overrides);
      } catch (error) {
        return error;
      }
    };
    expect(refusal('tema')).toMatchObject({
      code: 'REMOTE_NOT_CONFIGURED',
      message:
        'the remote tema: expected a remote in .dvc/config or configs/remote, found none (known: store, team)',
    });
    expect(refusal(null)).toMatchObject({ code: 'REMOTE_NOT_CONFIGURED' });
    expect(refusal('s3')).toMatchObject({ code: 'CONFIG_VALUE_MISSING' });
    expect(refusal(null, 'remote.urk=x')).toMatchObject({ code: 'CONFIG_KEY_UNKNOWN' });
  });
});
