// The versions of the database's tables. A migration goes forward only and never changes once it is released: a new one is
// added at the end, and databases of every earlier version are brought up to date when they are opened.

/** Words that differ between the two kinds of database. */
interface Types {
  /** An integer key that the database counts. */
  readonly serial: string;
  readonly integer: string;
  readonly bytes: string;
}

export type MigrationKind = 'sqlite' | 'postgres';

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly statements: readonly string[];
}

const TYPES: Readonly<Record<MigrationKind, Types>> = {
  sqlite: { serial: 'integer primary key', integer: 'integer', bytes: 'blob' },
  postgres: {
    serial: 'bigint generated always as identity primary key',
    integer: 'bigint',
    bytes: 'bytea',
  },
};

const MIGRATIONS: readonly ((types: Types, kind: MigrationKind) => string[])[] = [
  createRunTables,
  createSweepTables,
  createDeletedRunTable,
  addExtremesOfChunks,
];

export function listMigrations(kind: MigrationKind): Migration[] {
  return MIGRATIONS.map((build, i) => ({ version: i + 1, statements: build(TYPES[kind], kind) }));
}

/** What is deleted stays deleted where files of an earlier version still lie, and changes are counted on. */
function createDeletedRunTable({ integer }: Types): string[] {
  return [
    `create table deleted_runs (id text not null primary key, changed ${integer} not null)`,
    'create index deleted_runs_changed on deleted_runs (changed)',
  ];
}

/** The table is written anew: SQLite reads a column behind a long one slowly, and long rows without a row id too. */
function addExtremesOfChunks({ integer, bytes }: Types, kind: MigrationKind): string[] {
  const kept = 'run, metric, attempt, chunk, count, first_step, last_step';
  return [
    'alter table chunks rename to chunks_3',
    `create table chunks (
      run ${integer} not null, metric text not null, attempt ${integer} not null, chunk ${integer} not null,
      count ${integer} not null, first_step ${integer} not null, last_step ${integer} not null, extremes ${bytes},
      summary ${bytes} not null, ${kind === 'postgres' ? 'constraint chunks_key ' : ''}primary key (run, metric, chunk))`,
    `insert into chunks (${kept}, extremes, summary) select ${kept}, null, summary from chunks_3`,
    'drop table chunks_3',
    ...(kind === 'postgres'
      ? [
          'alter table chunks alter column extremes set storage plain',
          'alter table chunks alter column summary set storage external',
        ]
      : []),
  ];
}

function createSweepTables({ integer }: Types): string[] {
  return [
    `create table sweeps (
      id text not null primary key, created_at text not null, record text not null, status text not null, reason text,
      seconds double precision not null, lease text)`,
    'create index sweeps_created on sweeps (created_at, id)',
    `create table trials (
      sweep_id text not null, number ${integer} not null, identity text not null, state text not null,
      record text not null, task text not null, lease text, revision ${integer} not null,
      primary key (sweep_id, number), unique (sweep_id, identity))`,
    'create index trials_state on trials (state)',
  ];
}

function createRunTables({ serial, integer, bytes }: Types, kind: MigrationKind): string[] {
  return [
    `create table runs (
      number ${serial}, id text not null unique, created_at text not null, head text not null, config_yaml text not null,
      changed ${integer} not null, rewinds text not null, next_event ${integer} not null, next_chunk ${integer} not null,
      generation ${integer} not null, lease text, owner text, lease_expires_ms ${integer} not null,
      stop_requested ${integer} not null, status text not null, note text, summary text not null,
      host text not null, folder text not null)`,
    'create index runs_changed on runs (changed)',
    'create index runs_created on runs (created_at, id)',
    'create index runs_status on runs (status)',
    `create table run_events (
      run ${integer} not null, position ${integer} not null, line text not null, primary key (run, position))`,
    `create table chunks (
      run ${integer} not null, metric text not null, attempt ${integer} not null, chunk ${integer} not null,
      count ${integer} not null, first_step ${integer} not null, last_step ${integer} not null, summary ${bytes} not null,
      primary key (run, metric, chunk))${kind === 'sqlite' ? ' without rowid' : ''}`,
    `create table chunk_data (
      run ${integer} not null, chunk ${integer} not null, data ${bytes} not null, primary key (run, chunk))`,
    `create table recordings (
      run ${integer} not null, position ${integer} not null, line text not null, primary key (run, position))`,
    'create table run_tags (run bigint not null, tag text not null, primary key (run, tag))',
    `create table artifacts (
      run ${integer} not null, name text not null, position ${integer} not null, artifact text not null,
      primary key (run, name))`,
    `create table evaluations (
      run ${integer} not null, position ${integer} not null, report text not null, primary key (run, position))`,
    // Numbers in columns hardly shrink, and trying costs time.
    ...(kind === 'postgres'
      ? [
          'alter table chunk_data alter column data set storage external',
          'alter table chunks alter column summary set storage external',
        ]
      : []),
  ];
}
