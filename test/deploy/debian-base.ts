// A root like that of a slim Node image, made on this machine: Debian's smallest system from debootstrap, this machine's
// Node (VERACITY_TEST_NODE names another) and npm where the official image has them.
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runCommand } from './run-command.ts';

const NOT_NEEDED = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info'];
const CACHES = ['var/cache/apt', 'var/lib/apt/lists', 'var/log'];
/** Where the base keeps what this machine trusts beyond Node's own authorities, if anything. */
const AUTHORITIES = '/etc/ssl/test-authorities.pem';

/**
 * Makes the root in `folder`, which takes a minute, and in the file `npmrc` this machine's settings of npm, for the
 * secret that the recipes take.
 */
export async function createDebianBase(folder: string, npmrc: string): Promise<void> {
  const settings = join(folder, 'etc/dpkg/dpkg.cfg.d');
  mkdirSync(settings, { recursive: true });
  // nobody needs this root after a power cut
  const excluded = NOT_NEEDED.map((path) => `path-exclude=/${path}/*\n`).join('');
  writeFileSync(join(settings, 'base'), `force-unsafe-io\n${excluded}`);
  const { mirror, suite } = await findDebian();
  const made = await runCommand('debootstrap', ['--variant=minbase', suite, folder, mirror]);
  if (made.status !== 0) throw new Error(`debootstrap: exit ${made.status}: ${made.output.slice(-2000)}`);
  for (const path of [...NOT_NEEDED, ...CACHES]) {
    rmSync(join(folder, path), { recursive: true, force: true });
    mkdirSync(join(folder, path), { recursive: true });
  }
  installNode(folder);
  writeNpmrc(folder, npmrc);
}

/** The suite of this machine, such as bookworm, and where it gets its packages from. */
async function findDebian(): Promise<{ suite: string; mirror: string }> {
  const release = readFileSync('/etc/os-release', 'utf8');
  const { stdout } = await runCommand('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Label: Debian',
  ]);
  return {
    suite: /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'bookworm',
    mirror: stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? 'http://deb.debian.org/debian',
  };
}

function installNode(root: string): void {
  copyFileSync(process.env.VERACITY_TEST_NODE ?? process.execPath, join(root, 'usr/local/bin/node'));
  const modules = [resolve(dirname(process.execPath), '../lib/node_modules'), '/usr/share/nodejs'];
  const npm = modules
    .map((folder) => join(folder, 'npm'))
    .find((path) => existsSync(join(path, 'bin/npm-cli.js')));
  if (npm === undefined) throw new Error(`no npm in ${modules.join(' or ')}`);
  const target = join(root, 'usr/local/lib/node_modules/npm');
  mkdirSync(dirname(target), { recursive: true });
  cpSync(npm, target, { recursive: true, verbatimSymlinks: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}

function writeNpmrc(root: string, path: string): void {
  const own = join(homedir(), '.npmrc');
  writeFileSync(path, existsSync(own) ? `${readFileSync(own, 'utf8')}\n` : '', { mode: 0o600 });
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? '';
  if (authorities === '') return;
  mkdirSync(dirname(join(root, AUTHORITIES)), { recursive: true });
  copyFileSync(authorities, join(root, AUTHORITIES));
  appendFileSync(path, `cafile=${AUTHORITIES}\n`);
}
