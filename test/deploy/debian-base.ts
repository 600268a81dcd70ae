// Builds a root like that of a slim Node image: Debian's smallest system from debootstrap, with the local Node
// (VERACITY_TEST_NODE names another) and npm at the paths of the official image.
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
/** Path in the base of the certificate authorities that this machine trusts beyond those of Node. */
const AUTHORITIES = '/etc/ssl/test-authorities.pem';

/**
 * Builds the root in `folder`, which takes a minute, and writes the npm settings of this machine to the file `npmrc`, for
 * the secret of the recipes.
 */
export async function createDebianBase(folder: string, npmrc: string): Promise<void> {
  const settings = join(folder, 'etc/dpkg/dpkg.cfg.d');
  mkdirSync(settings, { recursive: true });
  // The root need not survive a power failure.
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

/** Finds the suite of this machine, such as bookworm, and the mirror of its packages. */
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
