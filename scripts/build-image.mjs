// Builds an image of deploy/docker with docker, podman or buildah, whichever is installed, and checks its size:
// node scripts/build-image.mjs serve --model compact@1 [--tag NAME:TAG] [-- options of the builder]
// It is plain JavaScript, so that it runs in a checkout without installed packages.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Maximum size of an image, uncompressed, in MB of 10^6 bytes; `serve` includes a `compact` model. */
const BUDGET_MB = { serve: 350, server: 330, train: 330 };
const USAGE = `usage: node scripts/build-image.mjs serve|server|train [options] [-- options of the builder]
  serve   the server with a model inside
  server  the server without one; a registry is mounted when it runs
  train   the whole program
  --model NAME@VERSION   of the registry (serve)
  --digest HEX           what its digest must be; default: what the registry says now
  --registry FOLDER      default: models in VERACITY_HOME, else .veracity/models
  --tag NAME:TAG         default: veracity-serve:compact-1, veracity-train:VERSION
  --base IMAGE           another base image
  --budget MB            another limit of the size
  --builder NAME         docker, podman or buildah; default: the first that is there`;

function refuse(problem, usage = true) {
  console.error(`build-image: ${problem}${usage ? `\n${USAGE}` : ''}`);
  process.exit(2);
}

function run(command, args, options = {}) {
  const { status, stdout, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  if (error !== undefined) refuse(`${command}: ${error.message}`, false);
  return { status, stdout: stdout ?? '' };
}

function parse(argv) {
  const end = argv.indexOf('--');
  const options = Object.fromEntries(
    ['model', 'digest', 'registry', 'tag', 'base', 'budget', 'builder'].map((name) => [
      name,
      { type: 'string' },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: end < 0 ? argv : argv.slice(0, end),
      options,
      allowPositionals: true,
    });
    return { ...values, kind: positionals.join(' '), more: end < 0 ? [] : argv.slice(end + 1) };
  } catch (error) {
    return refuse(error.message);
  }
}

/** The arguments that pass a model to the build, which compares its files with the digest. */
function buildModelArguments({ model, digest, registry }) {
  const [, name, version] = /^([a-z0-9][a-z0-9-]*)@([1-9]\d*)$/.exec(model ?? '') ?? [];
  if (version === undefined)
    refuse(`--model: expected NAME@VERSION, such as compact@1, got ${model ?? 'none'}`);
  const home = process.env.VERACITY_MODELS || join(process.env.VERACITY_HOME || '.veracity', 'models');
  const models = resolve(registry ?? home);
  const path = join(models, name, version, 'version.json');
  if (!existsSync(path))
    refuse(`${model}: expected ${path}, got no such file; see: veracity models list`, false);
  const expected = digest ?? JSON.parse(readFileSync(path, 'utf8')).digest;
  return {
    name: `${name}-${version}`,
    args: [
      ...['--build-context', `models=${models}`],
      ...['--build-arg', `MODEL_NAME=${name}`],
      ...['--build-arg', `MODEL_VERSION=${version}`],
      ...['--build-arg', `MODEL_DIGEST=${expected}`],
    ],
  };
}

/** Measures the uncompressed bytes of an image: the sum of its layers for docker and podman, its files for buildah. */
function measureImage(builder, tag) {
  if (builder !== 'buildah')
    return Number(run(builder, ['image', 'inspect', '--format', '{{.Size}}', tag]).stdout);
  const container = run('buildah', ['from', '--pull-never', tag]).stdout.trim();
  try {
    const folder = run('buildah', ['mount', container]).stdout.trim();
    return Number(run('du', ['-s', '--apparent-size', '-B1', folder]).stdout.split('\t')[0]);
  } finally {
    run('buildah', ['rm', container]);
  }
}

const options = parse(process.argv.slice(2));
const { kind } = options;
if (!Object.hasOwn(BUDGET_MB, kind)) refuse(`expected serve, server or train, got "${kind}"`);
const limitMb = Number(options.budget ?? BUDGET_MB[kind]);
if (!(limitMb > 0)) refuse(`--budget: expected a number of MB, got ${options.budget}`);
const found = ['docker', 'podman', 'buildah'].find((name) => spawnSync(name, ['--version']).status === 0);
const builder = options.builder ?? found;
if (builder === undefined) refuse('expected docker, podman or buildah, found none of them', false);
const model = kind === 'serve' ? buildModelArguments(options) : { name: kind, args: [] };
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tag =
  options.tag ?? (kind === 'serve' ? `veracity-serve:${model.name}` : `veracity-${kind}:${version}`);
const { status } = run(
  builder,
  [
    'build',
    // The OCI format has no health check; docker uses its own format by default.
    ...(builder === 'docker' ? [] : ['--format', 'docker']),
    ...['--file', `deploy/docker/${kind === 'train' ? 'train' : 'serve'}.dockerfile`],
    ...(kind === 'server' ? ['--target', 'server'] : []),
    ...(options.base === undefined ? [] : ['--build-arg', `BASE_IMAGE=${options.base}`]),
    ...['--build-arg', `REVISION=${run('git', ['rev-parse', 'HEAD']).stdout.trim()}`],
    ...model.args,
    ...['--tag', tag],
    ...options.more,
    '.',
  ],
  { stdio: 'inherit' },
);
if (status !== 0) refuse(`${builder} made no image (exit ${status}); see above`, false);
const sizeMb = measureImage(builder, tag) / 1e6;
console.log(`${tag}: ${sizeMb.toFixed(0)} MB, at most ${limitMb} MB`);
if (!(sizeMb > 0 && sizeMb <= limitMb)) {
  console.error(`build-image: ${tag}: expected at most ${limitMb} MB, got ${sizeMb.toFixed(0)} MB`);
  process.exit(1);
}
