// The catalogue of all errors that the program reports: message, hint, HTTP status and kind of each code.
// Messages read `where: expected X, got Y`; the hint says what to do next. Entries are grouped by room.

interface CatalogueEntry {
  /**
   * What a command exits with. yours: the command line, the configuration, or a file that it reads is wrong (exit 2).
   * refused: the command is well formed, but was refused or had nothing to do (exit 1). ours: a bug or a broken
   * installation (exit 70). asked: a requested stop (exit 130).
   */
  readonly kind: 'yours' | 'refused' | 'ours' | 'asked';
  readonly httpStatus: number;
  readonly message: string;
  readonly hint: string;
}

const yours = (message: string, hint: string, httpStatus = 400): CatalogueEntry => ({
  kind: 'yours',
  httpStatus,
  message,
  hint,
});
const refused = (message: string, hint: string, httpStatus = 422): CatalogueEntry => ({
  kind: 'refused',
  httpStatus,
  message,
  hint,
});
const ours = (message: string, hint: string, httpStatus = 500): CatalogueEntry => ({
  kind: 'ours',
  httpStatus,
  message,
  hint,
});

export const CATALOGUE = {
  // core
  STOPPED: {
    kind: 'asked',
    httpStatus: 503,
    message: 'stopped by {by}',
    hint: 'No file is half written. Run the same command again.',
  },
  INTERNAL_BUG: ours(
    'internal: {what}',
    'This is a bug in Veracity. Please report it with the stack that --verbose shows.',
  ),
  FILE_NOT_FOUND: yours(
    '{path}: expected a readable {kind}, found none',
    'Check the path; relative paths start at the working directory.',
    404,
  ),
  FILE_CORRUPT: yours(
    '{path}: expected {expected}, got {got}',
    'The file was changed or cut after it was written. Restore it, or make it again with: {remedy}',
    409,
  ),
  FILE_KIND_WRONG: yours('{path}: expected {expected}, got {got}', '{remedy}', 409),
  DISK_FULL: refused(
    '{path}: could not write, no space left on the device',
    'Free some space and run the same command again; existing files are intact.',
    507,
  ),
  SECRET_FOUND: refused(
    '{place}: expected no secrets in what you {action}, got what looks like {words}{more}',
    'Nothing left this machine. Take it out of the file, and revoke it if it was published. If it is none: --allow-secret {place}, or that place as a line of {list}.',
  ),
  CI_EVENT_INVALID: yours(
    '{path}: expected an event of the registry as JSON, got {got}',
    'It holds model and version, alone or as client_payload of a repository_dispatch: {"model": "sample", "version": 2}.',
  ),
  SECRET_PLACE_INVALID: yours(
    '{where}: expected FILE:LINE or FILE, got {got}',
    'Lines count from 1, as in the message of the refusal: data/notes.csv:12',
  ),
  STORAGE_IN_USE: refused(
    '{id}: expected to be unused, but it is used by {users}',
    'Delete those first. Or add --force: then predictions of these models can no longer be traced to it.',
    409,
  ),
  RECORD_VERSION: refused(
    '{path}: written by {writer} Veracity (schema version {got} of the {record} record, this program reads {known})',
    'Nothing is wrong with the file. {advice}',
    409,
  ),
  RECORD_INVALID: yours(
    '{path}: expected a {record} record of schema version {version}, got something else: {problem}',
    'The file was written by another version or edited by hand. Restore it, or make it again.',
    409,
  ),
  // database
  DATABASE_ADDRESS_INVALID: yours(
    'VERACITY_DB: expected {expected}, got {got}',
    'Set VERACITY_DB to the address of a PostgreSQL database, or unset it to use the file veracity.db in the home.',
  ),
  DATABASE_UNREACHABLE: refused(
    '{place}: expected an answer from the database server, got none: {reason}',
    'Check VERACITY_DB, and whether the server runs and can be reached from this machine. Nothing was half written.',
    503,
  ),
  DATABASE_REFUSED: refused(
    '{place}: expected the database server to accept the connection, but {reason}',
    'Correct user, password and database in VERACITY_DB, or ask whoever runs the server.',
    503,
  ),
  DATABASE_LOCKED: refused(
    '{path}: expected to write the database, but another program has locked it for {seconds} s',
    'Close the program that has it open, such as a database browser or a backup, and run the command again.',
    503,
  ),
  DATABASE_FOREIGN: refused(
    '{path}: expected the database of Veracity, got {got}',
    'Move it away, or choose another home (VERACITY_HOME) or database (VERACITY_DB). It was not changed.',
    409,
  ),
  DATABASE_NEWER: refused(
    '{path}: written by a newer Veracity (version {got} of its tables, this program knows {known})',
    'Nothing is wrong with it. Install the newer version: npm install veracity@latest.',
    409,
  ),
  DATABASE_DAMAGED: refused(
    '{path}: expected a whole database, got a damaged one: {problem}',
    'Restore it from a backup. Or move it and the files beside it (-wal, -shm) away: a new one is then made; checkpoints and models are kept.',
    409,
  ),
  DATABASE_REPLACED: refused(
    '{path}: expected the database that was opened, but its file was deleted or replaced meanwhile',
    'Put the file back with the files beside it (-wal, -shm), or end this program and run the command again.',
    409,
  ),
  DATABASE_UNREADABLE: refused(
    '{path}: the system could not read or write the database: {problem}',
    'Check the disk, and what lies at this path and beside it (-wal, -shm): these files belong together.',
    503,
  ),
  DATABASE_FAILED: ours(
    '{path}: the database failed: {problem}',
    'This is a bug in Veracity. Please report it with the stack that --verbose shows.',
  ),
  // remotes
  REMOTE_UNREACHABLE: refused(
    '{url}: expected an answer from the remote, got none: {reason}',
    'Check the network and the address, and run the same command again: it continues where it stopped. Nothing was half written.',
    503,
  ),
  REMOTE_ANSWER_INVALID: refused(
    '{url}: expected an answer that this program knows, got {got}',
    'Check that the address is that of such a remote, and what its server says in its log. Nothing was half written.',
    502,
  ),
  REMOTE_CREDENTIALS: refused(
    '{url}: expected credentials that the remote accepts, got {got}',
    '{remedy}',
    401,
  ),
  REMOTE_CLOCK: refused(
    '{url}: expected a clock of this machine that the remote accepts, got {got}',
    'Set the clock: timedatectl set-ntp true (Linux), or the settings for date and time.',
    403,
  ),
  REMOTE_CLIENT_MISSING: refused(
    '{url}: expected the package {package}, which talks to this remote, found none',
    'Install it beside Veracity: npm install {package}',
    501,
  ),
  REMOTE_FORBIDDEN: refused(
    '{url}: expected the right to {action} objects, but it was refused: {reason}',
    'Ask whoever owns the remote for this right (docs/remotes.md lists those that each command needs). A wider access than that, such as a public bucket, is not needed.',
    403,
  ),
  REMOTE_READ_ONLY: refused(
    '{url}: expected a remote that can be written, got {kind}',
    'Push to another remote (--remote NAME), or make this one writable. Pulling from it works.',
    403,
  ),
  REMOTE_NOT_FOUND: refused(
    '{url}: expected a {kind}, found none',
    'Check the address of the remote for a misspelt name; mount the disk if it lies on one; or create it.',
    404,
  ),
  REMOTE_OBJECT_MISSING: refused(
    '{url}: expected the object {key}, found none',
    'Push it from a machine that has it (veracity data push), or check out a commit whose data was pushed.',
    404,
  ),
  REMOTE_OBJECT_CORRUPT: refused(
    '{name}: expected {expected}, got {got}',
    'Nothing of it was taken. If it is damaged at the remote, replace it from a machine that has it whole: veracity data push --verify',
    409,
  ),
  REMOTE_KEY_INVALID: yours(
    '{url}: expected the path of an object below the remote, got {key}',
    'The pointer file names a path that leads out of the remote. Restore the pointer from Git.',
  ),
  REMOTE_UNSUPPORTED: yours('{url}: expected {expected}, got {got}', '{remedy}'),
  // versions of data
  DATA_NOT_REPOSITORY: yours(
    '{folder}: expected a folder of a Git or DVC repository, found neither .git nor .dvc in it or above it',
    'Go to the folder of your repository, or make one with: git init',
    404,
  ),
  DATA_OUTSIDE_REPOSITORY: yours(
    '{path}: expected a path in the repository {root}, got one outside of it',
    'Copy the data into the repository: its pointer is kept beside it. If a pointer names the path, correct it there.',
  ),
  DATA_OVERLAP: yours(
    '{path}: expected data that no pointer names, but {other} has one, and one lies in the other or is it',
    '{remedy}',
    409,
  ),
  DATA_IN_GIT: yours(
    '{path}: expected data that Git does not have, but {count} of its files are in Git',
    'Take it out of Git first; the files stay: git rm -r --cached {argument}',
    409,
  ),
  DATA_IGNORED: yours(
    '{path}: expected data, got something that is no data of the repository or that .dvcignore leaves out',
    'Name a file or folder with data, or change .dvcignore. If a pointer names the path, correct it there.',
  ),
  DATA_IGNORE_INSIDE: yours(
    '{path}: expected no .dvcignore in the data {folder}, found one',
    'Move it to a folder above the data: as a part of the data it would change with each version.',
  ),
  DATA_IS_LINK: yours(
    '{path}: expected a folder, got a link to one',
    'Name the folder itself, or replace the link by it.',
  ),
  DATA_NAME_UNREADABLE: yours(
    '{path}: expected a name in UTF-8, got other bytes',
    'Rename the file: other systems could not name it.',
  ),
  DATA_CHANGED: refused(
    '{path}: expected data that is unchanged or in the cache, but a change would be lost that is nowhere else',
    'Keep it with: veracity data commit {argument}. Or throw it away with --force.',
    409,
  ),
  DATA_HISTORY_UNREADABLE: refused(
    '{root}: expected Git to list the pointers of all commits, but it did not',
    'Check that git is installed and the repository is whole (git fsck). Or look at the current pointers only: --current',
    503,
  ),
  CHECKOUT_UNFINISHED: refused(
    '{path}: expected whole data, but its last checkout was stopped in the middle',
    'Complete it with: veracity data checkout {argument}. Or record it as it is with --force.',
    409,
  ),
  POINTER_NOT_FOUND: yours('{path}: expected data with a pointer (.dvc), found none', '{hint}', 404),
  POINTER_INVALID: yours(
    '{path}: expected a pointer or a lock file of DVC, got something else: {problem}',
    'Correct it, or take an earlier one from Git: git log -p -- and the file.',
  ),
  DVC_CONFIG_INVALID: yours(
    '{path}: expected sections like [\'remote "name"\'] with lines like key = value, got something else ({line})',
    'Correct the line, or set it with: dvc config',
  ),
  REMOTE_NOT_CONFIGURED: yours(
    '{asked}: expected a remote in .dvc/config or configs/remote, found none (known: {known})',
    'Name one with --remote NAME, or its address or folder. Or set one: a file in configs/remote (docs/remotes.md), or dvc remote add -d NAME ADDRESS.',
    404,
  ),
  REMOTE_VERSIONED: refused(
    'the remote {name}: expected a remote that names objects by their content, got one that keeps versions of paths',
    'Push to it with dvc, which then writes the versions into the pointers. Pulling from it works.',
    409,
  ),
  CACHE_OBJECT_MISSING: refused(
    '{path}: expected the object {md5} in the cache, found none',
    'Fetch it with: veracity data pull',
    404,
  ),
  CACHE_OBJECT_CORRUPT: refused(
    '{path}: expected bytes with the md5 {expected}, got {got}',
    'Fetch it again with: veracity data pull. Or store it again, where the data is unchanged: veracity data add',
    409,
  ),
  CACHE_OBJECT_INVALID: refused(
    '{path}: expected the list of the files of a folder (.dir), got something else: {problem}',
    'It was not written by DVC or Veracity. Add the folder again where it is whole, and push it.',
    409,
  ),
  // search
  SEARCH_SPACE_INVALID: yours(
    'search space: {problem}',
    'Correct the parameters of the sweep. Numeric parameters have low <= high, logarithmic ones low > 0, categorical ones different choices.',
  ),
  SWEEP_INVALID: yours('sweep: {problem}', '{hint}'),
  SWEEP_ACTIVE: refused(
    'sweep {sweep}: expected a sweep that nobody works on, but {holder} does',
    'Wait for it or stop it first (Ctrl-C in its terminal).',
    409,
  ),
  SWEEP_LEASE_LOST: refused(
    'sweep {sweep}: expected to be the only process that proposes its trials, but {holder} has taken over',
    'This process was silent for 30 seconds and has stopped. The other process goes on with the sweep.',
    409,
  ),
  TRIAL_NOT_FOUND: yours(
    'sweep {sweep}: expected a trial number {trial}, found none',
    'List its trials with: veracity sweep show {sweep}',
    404,
  ),
  TRIAL_LEASE_LOST: refused(
    'trial {trial} of {sweep}: expected to be the only process that works on it, but {holder} has taken it over',
    'This process was silent for too long and has written nothing. The other process goes on with the trial.',
    409,
  ),
  TRIAL_DIED: refused(
    'trial {trial}: its process died more than once ({how})',
    'The usual cause is too little memory: lower train.max_tokens, or run fewer trials at once (--parallel).',
  ),
  QUEUE_UNAVAILABLE: refused(
    'queue of trials: expected PostgreSQL to answer, got: {problem}',
    'Check VERACITY_DB with: veracity doctor. The user needs the right to create a schema in that database.',
    503,
  ),
  WORKER_DATABASE: yours(
    'veracity worker: expected the address of a PostgreSQL database in VERACITY_DB, got {got}',
    'For example: VERACITY_DB=postgres://user@host/veracity veracity worker. Without a database of a team, veracity sweep runs trials itself (--parallel N).',
  ),
  WORKER_DATASET: yours(
    'veracity worker: expected the dataset version {dataset} in {home}, found none',
    'Copy datasets/{dataset} and files/md5 from the home of the machine that started the sweep, or let both use one VERACITY_HOME. Where the raw files lie at the same path, veracity data prepare makes the same version.',
  ),
  // track
  RUN_NOT_FOUND: yours(
    'runs: expected a run named {run}, found none in {folder}',
    'List the runs with: veracity runs list',
    404,
  ),
  RUN_FILTER_INVALID: yours(
    '--where {filter}: expected {expected} at character {position}, got {got}',
    'For example: val_loss<0.2 and status=finished. Texts with spaces stand in quotes.',
  ),
  RUN_FIELD_UNKNOWN: yours('runs: expected a field that some run has, got {field}', '{suggestion}'),
  METRIC_NOT_FOUND: yours(
    '{runs}: expected a metric that was recorded, got {metric}',
    'Recorded: {known}.',
    404,
  ),
  RUN_ACTIVE: refused(
    '{run}: expected a run that has ended, but {holder} is training it',
    'Wait for it or stop it first (Ctrl-C in its terminal).',
    409,
  ),
  RUN_NOT_RUNNING: refused(
    'stop: expected a run that is being trained, but {run} is {status}',
    'Only a running training can be stopped. Look at the run with: veracity runs show {run}',
    409,
  ),
  RESUME_FAILED: refused(
    'resume: expected a training of {run} that begins, but it ended with {code}: {message}',
    '{hint}',
    409,
  ),
  SWEEP_NOT_FOUND: yours(
    'sweeps: expected a sweep named {sweep}, found none',
    'List the sweeps with: veracity sweep list',
    404,
  ),
  LINEAGE_UNKNOWN: yours(
    'lineage: expected the id of a record or the hash of a raw file, found nothing named {id}',
    'Ids look like md5:…, ds-…, run-…, NAME@3, NAME@production, or the id of a prediction.',
    404,
  ),
  LINEAGE_ROW_MISSING: yours(
    'lineage: expected {expected} that begins on line {line} of {path}, found none',
    'Give the line on which the row begins, from 1; the header of a CSV file is line 1. Or give the article: --title and --text.',
    404,
  ),
  LINEAGE_FILE_UNKNOWN: yours(
    'lineage: expected a file that a dataset version was made from, found none for {path} (md5 {md5})',
    '{advice}',
    404,
  ),
  RUN_LEASE_LOST: refused(
    'run {run}: expected to be its only writer, but {holder} has taken it over',
    'This process had not renewed its lease for 30 seconds and has stopped writing. The other process continues the run.',
    409,
  ),
  RUN_EXPORT_ACTIVE: refused(
    'runs export: expected that nobody else exports {run} to {to}, but process {process} does',
    'Wait until it has ended. A training that exports while it runs needs no further export.',
    409,
  ),
  TRACKER_UNREACHABLE: refused(
    '{tracker}: expected {url} to take the run, got {got}',
    'Nothing is lost: the run is kept here. Check that the server runs, then export again; only what is missing is sent.',
    502,
  ),
  TRACKER_REFUSED: refused(
    '{tracker}: expected {url} to accept {call}, got {got}',
    'Nothing is lost: the run is kept here. Check the address, and what the user of MLFLOW_TRACKING_USERNAME or MLFLOW_TRACKING_TOKEN may do.',
    502,
  ),
  TRACKER_HOST_REFUSED: refused(
    'MLflow: expected {url} to accept the host name {host}, got status 403 (invalid Host header)',
    'By default MLflow answers only for localhost and private addresses. Start it with: mlflow server --allowed-hosts {host}',
    502,
  ),
  // train
  LOSS_NOT_FINITE: yours(
    'train: expected a finite loss, got {loss} at step {step} (learning rate {learningRate})',
    'Lower optimizer.lr, raise schedule.warmup or set train.clip_norm. The checkpoints written before this step are intact.',
    422,
  ),
  STEP_INPUT_MISSING: yours(
    'training step: expected {source} to give the program its input {input}, got {given}',
    'Declare only these inputs in the graph. A program compiled with a teacher needs `teacher` in each batch.',
    422,
  ),
  OPTIMIZER_UNSUPPORTED: yours(
    'model={model}: expected optimizer={expected}, got {got}',
    'Leave the optimizer out of the command: model={model} chooses a suitable one.',
    422,
  ),
  SETTING_UNSUPPORTED: yours('{key}: expected {expected}, got {got}', '{remedy}', 422),
  CHECKPOINT_CORRUPT: yours(
    '{path}: expected a readable checkpoint, got {problem}',
    'Train again from the start: the same configuration and seed give the same model.',
    409,
  ),
  CHECKPOINT_MISMATCH: yours(
    '{path}: expected {expected}, got {got}',
    'A checkpoint continues only with the configuration, data and tokenizer that it was written with. Start a new run instead.',
    409,
  ),
  SPLIT_EMPTY: yours(
    'train: expected articles of class {className} in the {split} split, found none',
    'Give the data more articles of that class, or check data.labels and data.split.',
    422,
  ),
  CLASS_WEIGHTS_INVALID: yours(
    'train.class_weights: expected {expected} weights, one for each class, got {got}',
    'Give one weight for each class in the order of the classes, or `balanced`.',
    422,
  ),
  RUN_NOT_REPRODUCIBLE: refused(
    '{run}: expected {expected}, got {got}',
    'Wait until the run has ended, or choose another: veracity runs list.',
    409,
  ),
  RESUME_FINISHED: refused(
    'resume: expected an unfinished run, but {run} is finished',
    'See its result with: veracity runs show {run}',
    409,
  ),
  RESUME_OVERRIDE: yours(
    'resume: expected only settings of the steps after training ({allowed}), got {keys}',
    'A resumed run continues with its own configuration; start a new run to change the rest.',
    409,
  ),
  // metrics
  EVALUATION_EMPTY: refused(
    'evaluation: expected at least one article, got none',
    'Check data.path and the split: they leave no article to evaluate.',
  ),
  COLLECTION_UNUSABLE: yours(
    'evaluate.collections, {name}: {path}: expected {expected}, got {got}',
    '{remedy}',
    422,
  ),
  LOGITS_NOT_FINITE: yours(
    'evaluation: expected finite logits, got NaN or infinity for article {row} of {rows}',
    'The training diverged. Lower optimizer.lr or set train.clip_norm, and train again.',
    422,
  ),
  // predict
  MODEL_INCOMPLETE: yours(
    '{path}: expected a model folder with {missing}, found none',
    'Train one with `veracity train`, or name a folder that a finished run or `veracity models export` wrote.',
    404,
  ),
  MODEL_NONE: refused(
    '{home}: expected a trained model, found none',
    'Train one on your articles with `veracity train`, or on the bundled sample with `veracity demo`.',
    404,
  ),
  MODEL_UNUSABLE: yours(
    '{path}: expected {expected}, got {got}',
    'The folder was changed after it was written, or it is not a classifier of articles. Export it again from its run.',
    409,
  ),
  ARTICLE_ROW_INVALID: yours(
    '{where}: expected {expected}, got {got}',
    'Correct the row and send it again; the other rows are not affected.',
    422,
  ),
  ENCODING_UNKNOWN: yours(
    'encoding: expected the name of an encoding, got {got}',
    'For example utf-8, windows-1252, iso-8859-15, utf-16le or shift_jis.',
  ),
  SEPARATOR_UNKNOWN: yours(
    'separator: expected comma, semicolon, tab, pipe, space or another single character, got {got}',
    'Name what stands between two fields of the file, such as semicolon; without this setting it is found from the header.',
  ),
  COLUMNS_INVALID: yours(
    '{where}: expected title=NAME,text=NAME,id=NAME, got {got}',
    'Put a name with a comma, or with a quote at its start, in quotes and double the quotes in it: title="a, b". An empty name means that the file has no such column.',
  ),
  ARTICLE_COLUMNS_MISSING: yours(
    '{where}: expected {expected}, got {got}',
    'Say which columns hold the articles, one of them is enough: {argument}title=NAME,text=NAME.',
  ),
  NOTHING_PREDICTED: refused(
    '{where}: expected at least one article, got {got}',
    'Correct the file, or name the columns that hold the articles: {argument}title=NAME,text=NAME.',
  ),
  ARTICLE_TEXT_MISSING: yours(
    '{where}: expected {expected}, got {got}',
    'Send the text itself, as plain text.',
    422,
  ),
  // loadtest
  LOADTEST_NOT_LOOPBACK: refused(
    'loadtest: expected a target on this machine, got {host}',
    'A load test can bring a server down. Add --i-own-this-host if you own that machine or its owner agrees.',
    403,
  ),
  LOADTEST_NO_ANSWER: refused(
    '{url}: expected a prediction for one article before the load, got {got}',
    'Check the address, --route, and --header if the server requires a key; start a server with `veracity serve`.',
    502,
  ),
  // serve
  REQUEST_NOT_JSON: yours(
    'request body: expected JSON text in UTF-8, got something else',
    'Send one JSON object, such as {"title": "…", "text": "…"}, written by a JSON library.',
  ),
  REQUEST_INVALID: yours(
    'request body: expected {expected}, got something else',
    '`issues` lists each wrong field; /docs describes the bodies of all requests.',
    422,
  ),
  QUERY_INVALID: yours(
    'query: expected {parameter} to be {expected}, got something else',
    '/docs describes the parameters of all requests.',
    422,
  ),
  REQUEST_TOO_LARGE: yours(
    'request body: expected at most {maxBytes} bytes, got more',
    'Send fewer articles at a time, or a shorter text: the model reads only its beginning.',
    413,
  ),
  TOO_MANY_ARTICLES: yours(
    'articles: expected at most {max} in a request, got {got}',
    'Send the articles in several smaller requests.',
    422,
  ),
  MEDIA_TYPE_UNSUPPORTED: yours(
    'content-type: expected application/json, got {got}',
    'Send the header content-type: application/json.',
    415,
  ),
  CHARSET_UNKNOWN: yours(
    'content-type: expected a known charset, got {charset}',
    'Send the text in UTF-8, or declare one that browsers know, such as windows-1252, utf-16le or shift_jis.',
    415,
  ),
  ROUTE_NOT_FOUND: yours(
    'request: expected the path of a known route, got another',
    'The routes are listed at /docs and in /openapi.json.',
    404,
  ),
  METHOD_NOT_ALLOWED: yours(
    'request: expected {allowed} on this route, got {method}',
    'The routes and their methods are listed at /docs.',
    405,
  ),
  REQUEST_REFUSED: yours(
    'request: expected a well-formed HTTP request, got one that was refused ({reason})',
    'Check how the client writes the request.',
  ),
  SERVER_BUSY: ours(
    'server: expected at most {max} requests in progress, got more',
    'Try again in a second, or start more servers.',
    503,
  ),
  PRECISION_UNAVAILABLE: yours(
    'serve.precision: expected a version of {model} in {precision}, got only {has}',
    'Create one with: veracity models export {model} --precision {precision} --register. Or set serve.precision=auto.',
    404,
  ),
  QUEUE_FULL: ours(
    'server: expected to start within {budgetMs} ms, but {waitMs} ms of work are already waiting',
    'Try again after the seconds in retry-after. More cores, more servers or an int8 model serve more requests.',
    503,
  ),
  CLIENT_GONE: yours(
    'request: expected the client to wait for the response, but it closed the connection',
    'Its articles were not predicted. Raise the timeout of the client.',
    499,
  ),
  WORKER_LOST: ours(
    'server: expected a prediction, but the thread of the model ended twice during this request',
    'Send the request again; if it fails again, give the server more memory.',
    503,
  ),
  SERVER_STOPPING: ours(
    'server: expected to be running, but it is shutting down',
    'Send the request again, to another server or to this one after its restart.',
    503,
  ),
  MODEL_FAILED: ours(
    'server: expected a prediction, but the model failed',
    'Read the server log; restart the server if the error persists.',
    503,
  ),
  CONTENT_ENCODING_UNSUPPORTED: yours(
    'content-encoding: expected gzip, deflate or none, got another',
    'Send the body as it is, or compressed once with gzip or deflate.',
    415,
  ),
  GZIP_INVALID: yours(
    'request body: expected gzip data, as content-encoding says, got something else',
    'Compress the whole body once, or leave the header content-encoding out.',
  ),
  DEFLATE_INVALID: yours(
    'request body: expected deflate data, as content-encoding says, got something else',
    'Compress the whole body once in the zlib format, or leave the header content-encoding out.',
  ),
  REQUEST_TOO_SLOW: yours(
    'request: expected all of it within {seconds} seconds, got a part',
    'Send the request again over a faster connection, or in smaller parts.',
    408,
  ),
  REQUEST_HEADERS_TOO_LARGE: yours(
    'request headers: expected at most {maxBytes} bytes, got more',
    'Send fewer or shorter headers and cookies.',
    431,
  ),
  KEY_REQUIRED: yours(
    'authorization: expected an API key, got none that this server knows',
    'Send the header authorization: Bearer KEY. The operator creates keys with: veracity keys create',
    401,
  ),
  KEY_SCOPE: yours(
    'authorization: expected a key with the scope {scope}, got one without it',
    'Ask the operator for a key created with: veracity keys create --scope {scope}',
    403,
  ),
  ADMIN_ELSEWHERE: yours(
    'access: expected a request from the machine of the server itself, because this server asks for no API keys',
    'Create a key with `veracity keys create --scope admin`, start the server with serve.access=keys, and send the key.',
    403,
  ),
  ORIGIN_REFUSED: yours(
    'origin: expected a page of this server or of a listed origin, got another',
    'The operator lists the origins whose pages may send requests: serve.cors=[https://news.example]',
    403,
  ),
  RATE_LIMITED: yours(
    'rate: expected at most {max} requests a minute from one {of}, got more',
    'Wait for the seconds in the header retry-after. A file sent to POST /v1/batch counts as one request.',
    429,
  ),
  UPLOAD_TYPE_UNSUPPORTED: yours(
    'upload: expected a CSV, JSON Lines or Parquet file, got another kind',
    'Send content-type text/csv, application/x-ndjson, application/vnd.apache.parquet, application/gzip or application/zip, name the file by its kind (.csv, .jsonl, .parquet, .gz, .zip), or add ?format=csv or ?format=jsonl.',
    415,
  ),
  UPLOAD_EMPTY: yours(
    'upload: expected a CSV or JSON Lines file, got none',
    'Send the file as the body (content-type text/csv or application/x-ndjson), or as a file in multipart/form-data.',
    422,
  ),
  UPLOAD_SEVERAL_FILES: yours(
    'upload: expected one file in the form, got more',
    'Send each file in a request of its own.',
    422,
  ),
  OIP_BINARY_INVALID: yours(
    '{where}: expected {expected}, got {got}',
    'Send the JSON first and its length in bytes in the header inference-header-content-length; then the tensors with binary_data_size, in the order of the JSON.',
  ),
  OIP_MODEL_UNKNOWN: yours(
    'model: expected the served {model}, got another name or version',
    'GET /v2/models/{model} describes the served model.',
    404,
  ),
  EXPLANATION_UNAVAILABLE: yours(
    'explain: expected a model that can be explained here, got {reason}',
    'Send the request without explain and similar, or serve a model from its folder.',
    409,
  ),
  ARTICLE_TOO_LONG: yours(
    'explain: expected an article of at most {max} characters, got {got}',
    'Send only the beginning: no model reads that much text.',
    413,
  ),
  PREDICTION_NOT_FOUND: yours(
    'predictions: no receipt with this id',
    'Copy the id from predictionId or the header x-prediction-id of a response. Receipts stored here: {kept}; serve.log.predictions, .max_bytes and .max_days set which are stored, and how long.',
    404,
  ),
  REPLAY_TEXT_MISSING: yours(
    'replay: expected the article of {id}, but it was not stored',
    'Give it with --text-file (JSON with title and text, or plain text together with --title). serve.log.text=true stores articles from now on.',
    409,
  ),
  REPLAY_TEXT_DIFFERS: yours(
    'replay: expected the article of {id} (sha256 {expected}), got another ({got})',
    'Title and text must be identical, character by character, to those that were sent.',
    409,
  ),
  FEEDBACK_FULL: refused(
    '{path}: expected fewer than {maxBytes} bytes of feedback, got more',
    'Export it with `veracity feedback export`, then move the file away.',
    507,
  ),
  FEEDBACK_NOT_KEPT: ours(
    'feedback: expected to save it, but the server cannot write to its disk',
    'Send it again later. The operator finds the cause in the log and at /readyz.',
    503,
  ),
  KEYS_MISSING: refused(
    'serve: expected at least one API key for a server at {host}, found none in {keys}',
    'Create one with `veracity keys create`, listen on 127.0.0.1, or serve without keys with --insecure.',
    409,
  ),
  KEY_NOT_FOUND: yours(
    'keys: expected a key with the id {id}, found none',
    'List the keys with: veracity keys list',
    404,
  ),
  PORT_IN_USE: refused(
    'serve: expected port {port} of {host} to be free, but another program listens there',
    'Stop that program, or choose another port with --port (0 takes any free one).',
    409,
  ),
  ADDRESS_UNUSABLE: yours(
    'serve: expected an address this machine may listen on, got {host}:{port} ({reason})',
    'Use --host 127.0.0.1 (this machine only) or 0.0.0.0 (every network), and a port from 1024.',
  ),
  // engine
  SHAPE_MISMATCH: yours(
    '{op}: expected {expected}, got {got}',
    'Check the sizes in the model configuration.',
  ),
  ONNX_INVALID: yours(
    'onnx: expected an ONNX model, got {problem}',
    'The file is not ONNX, is cut short, or uses a part of ONNX that this reader does not support.',
  ),
  EXPORT_MISMATCH: ours(
    '{path}: expected logits within {limit} of the trained model, got a difference of {difference}',
    'The export was deleted. Please report this with the run id; the checkpoints are intact.',
  ),
  ENGINE_FAILED: ours(
    'engine: {stage} failed: {problem}',
    'Run again with --verbose and report the message; veracity doctor shows what the runtime supports.',
  ),
  DEVICE_UNAVAILABLE: yours(
    'device: expected {requested} to work on this machine, got: {problem}; its ONNX Runtime supports {there}',
    '{advice}',
    409,
  ),
  // models
  MODEL_UNSUPPORTED: yours(
    '{path}: expected {expected}, got {got}',
    'Choose a pretrained encoder of a supported family, with GELU; docs/errors.md lists the families.',
    422,
  ),
  PRETRAINED_INCOMPLETE: yours(
    '{path}: expected {expected}, got {got}',
    'A pretrained model is a folder with config.json, model.safetensors and tokenizer.json or vocab.txt, as save_pretrained writes it.',
    422,
  ),
  PRETRAINED_PICKLED: yours(
    '{path}: expected model.safetensors, got only {file}, a pickle, which can run programs and is never opened',
    'If you trust it, convert it in Python: from transformers import AutoModel; AutoModel.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER), then copy the tokenizer files beside it.',
    422,
  ),
  // tokenize
  TOKENIZER_INVALID: yours(
    '{where}: expected {expected}, got {got}',
    'The tokenizer file is damaged or was edited by hand. Restore it, or copy it again from the model that it belongs to.',
    409,
  ),
  TOKENIZER_UNSUPPORTED: yours(
    '{where}: expected {expected}, got {got}',
    'Supported are WordPiece, byte-level BPE and Unigram; choose a model with one of these. docs/errors.md says more.',
    422,
  ),
  VOCABULARY_IMPOSSIBLE: yours(
    'vocabulary: expected {expected}, got {got}',
    'Raise model.vocabulary, or give more articles to train on.',
    422,
  ),
  // distillation
  DISTILLATION_CLASSES: yours(
    'teacher {teacher}: expected the classes {expected} of the data, got {got}',
    'Choose a teacher that was trained on the same classes; their order does not matter.',
    422,
  ),
  // compress
  COMPRESSION_UNSUPPORTED: yours(
    '{path}: expected {expected}, got {got}',
    'Only fp32 versions of trained encoders that are not pruned can be compressed. List the versions with: veracity models list',
    422,
  ),
  COMPRESSION_DISAGREES: ours(
    '{path}: expected the labels of the original on at least {limit} of the articles, got {agreement} of {articles}',
    'The export was deleted. Please report this with the output of: veracity doctor',
  ),
  // registry
  MODEL_NAME_INVALID: yours(
    'model name {name}: expected lower-case letters, digits and "-", at most 60 and not beginning with "-" or "run-"',
    'Choose another name with register=NAME, or leave it out: the model is then named after its data.',
  ),
  MODEL_REFERENCE_INVALID: yours(
    'model {reference}: expected NAME, NAME@VERSION, NAME@production, NAME@staging, NAME@latest, a run id or a model folder',
    'List the models with: veracity models list',
  ),
  MODEL_NOT_FOUND: yours(
    'model {reference}: expected {missing|a registered model}, found none',
    '{known}',
    404,
  ),
  MODEL_IN_STAGE: refused(
    'model {reference}: expected a version in no stage, got one in {stages}',
    'Promote another version first. Or add --force: then a server that uses it has no model to fall back to.',
    409,
  ),
  MODEL_DIGEST_MISMATCH: yours(
    '{model}: {file}: expected {expected}, got {got}',
    'The version was changed after it was registered and is not used. Restore the file, or register the run again.',
    409,
  ),
  PROMOTION_WORSE: refused(
    '{candidate}: expected to be as good as {production} within its 95% interval, got {findings}',
    'Keep {production}, or promote anyway with --force.',
    409,
  ),
  PROMOTION_NOT_COMPARABLE: refused(
    '{candidate}: expected figures on the test set of {production}, {problem}',
    '{how}{first}{second} Or promote anyway with --force.',
    409,
  ),
  PROMOTION_NEEDS_DEFAULT: refused(
    '{candidate}: expected --default or --no-default, because {others} is in production too',
    'The default is the model that is used when none is named. Add --default to make it {candidate}. {kept}',
    409,
  ),
  MODEL_UNDECIDED: refused(
    'model: expected one model in production or a default among them, got {references}',
    'Name one of them, or choose the default with: veracity models promote {first} --default',
    409,
  ),
  ROLLBACK_IMPOSSIBLE: refused(
    'model {name}: expected an earlier production version to go back to, found none',
    'Promote a version with: veracity models promote {name}@VERSION',
    409,
  ),
  // serve/live
  MODEL_CHECK_FAILED: refused(
    '{model}: expected {expected}, got {got}',
    'It is not served; the previous version still is. Export and register it again, and promote the new version.',
    409,
  ),
  // config
  OVERRIDE_SYNTAX: yours('override {override}, column {column}: expected {expected}, got {got}', '{hint}'),
  OVERRIDE_SWEEP: yours('override {override}: expected one value, got a sweep over several', '{hint}'),
  CONFIG_FILE_INVALID: yours(
    '{file}:{line}: expected {expected}, got {got}',
    'Correct that line; --cfg shows how the files are composed.',
  ),
  CONFIG_FOREIGN: yours(
    '{file}:{line}: expected a configuration of Veracity, got {got}',
    'If the file belongs to another program, add --no-configs and keep your own files in a folder that you name with --config-dir FOLDER.{ifYours}',
  ),
  CONFIG_DEFAULTS: yours(
    '{where}: expected {expected}, got {got}',
    'Correct the `defaults` list of that file.',
  ),
  CONFIG_CHOICE_UNKNOWN: yours('{where}: expected for {group} one of {choices}, got {choice}', '{hint}'),
  CONFIG_KEY_UNKNOWN: yours('{where}: expected a known key, got {key}', '{hint}'),
  CONFIG_OVERRIDE: yours('{where}: expected {expected}, got {got}', '{hint}'),
  CONFIG_VALUE_MISSING: yours('{where}: expected a value for {key}, got ???', '{hint}'),
  CONFIG_INTERPOLATION: yours('{where}: expected {expected}, got {got}', '{hint}'),
  CONFIG_INVALID: yours(
    '{problem}',
    'Correct the listed values; --cfg shows each value and where it was set.',
  ),
  // data
  DATA_PATH_UNSET: yours(
    'data.path: expected a file or folder for data of kind {kind}, got null',
    'Set the path of the data: data.path=PATH.',
  ),
  DATA_SAMPLE_PATH: yours(
    'data.path={path}: expected no path with data=sample, which is the bundled sample',
    'For your own file add data={format}.',
  ),
  DATA_COLUMN_UNSET: yours(
    'data.columns.{role}: expected the name of a column, got null',
    'Set it: data.columns.{role}=COLUMN.',
  ),
  DATA_COLUMN_MISSING: yours(
    '{path}: expected a column {column} (data.columns.{role}), got {columns}',
    'Set data.columns.{role} to one of them. If the file has no such column: null (not for text and label).',
  ),
  DATA_FILE_INVALID: yours(
    '{path}: expected {expected}, got {got}',
    '{remedy|Save the file as CSV with a header line, or as JSON Lines, in UTF-8.}',
  ),
  SOURCE_UNREACHABLE: refused(
    '{name}: expected an answer from {host}, got none ({reason})',
    'What arrived is kept: run the command again when the connection is back. Or download the files by hand from {page} and put them into {folder} (then the command checks them), or name a mirror: {flag}',
    503,
  ),
  SOURCE_LOGIN: yours(
    '{name}: expected access to {host}, got {got}',
    '{help} Or download the files by hand from {page} and put them into {folder}: then the command checks them.',
    403,
  ),
  SOURCE_REFUSED: refused(
    '{name}: expected the files from {host}, got {got}',
    'Check the addresses (source.urls). Or download the files by hand from {page} and put them into {folder}: then the command checks them. A mirror: {flag}',
    502,
  ),
  SOURCE_FILE_MISMATCH: refused('{name}: expected {file} with {expected}, got {got}', '{remedy}', 502),
  DATA_FOLDER_INVALID: yours(
    '{path}: expected {expected}, got {got}',
    '{remedy|Give the folder that holds the data, or one of its files.}',
  ),
  DATA_REJECTS: yours(
    '{name}: expected at most {allowed} of the rows to be {kind}, got {rejected} of {read} ({reasons})',
    'The rows are listed by file and line in {rejects}. {advice} To go on without these rows: {flag}',
    422,
  ),
  DATA_SET_ASIDE: yours(
    '{name}: expected at most {allowed} of the rows to be set aside for one reason, got {rows} of {read} ({share}): {words} ({places})',
    '{list}{advice} To go on without these rows: data.max_set_aside={flag}',
    422,
  ),
  DATA_CLASS_LOST: yours(
    '{name}: expected articles of every class, but none of {classes} is left: {lost}',
    '{advice}{list}',
    422,
  ),
  DATA_LABELS: yours('{name}: expected {expected}, got {got}', '{hint}', 422),
  DATA_TOO_FEW: yours('{name}: expected {expected}, got {got}', '{advice} {also}', 422),
  DATA_LEAKS: refused(
    '{name}: expected nothing that gives the label away above its limit, got {leaks}',
    '{advice} {page} To train all the same: data.accept_leaks="why"; the reason stands in the dataset version, the run and the model card.',
    422,
  ),
  DATA_SPLIT_ZERO: yours('data.split.{split}: expected a share above 0, got 0', '{hint}', 422),
  DATASET_NOT_FOUND: yours(
    'dataset version {id}: expected it in {folder}, found none',
    'Write it with: veracity data prepare',
    404,
  ),
  // hub
  MODEL_SOURCE_INVALID: yours(
    'model: expected a folder or the name of a model on the Hub (name or org/name), got {path}',
    'Begin a path with ./, / or ~/; copy a name from the page of the model.',
  ),
  HUB_OFFLINE: refused(
    '{folder}: expected {missing} of {name}, but downloads from the Hub are off because {reason}',
    'Put {files} of {name} into {folder}, or name a folder of your own instead of {name}. Unset HF_HUB_OFFLINE to download.',
    409,
  ),
  HUB_UNREACHABLE: refused(
    'Hub: expected an answer from {endpoint}, got none ({reason}), and {folder} lacks {missing} of {name}',
    'Run the command again when the connection is back; downloaded files are kept. Or put {files} of {name} into {folder}, or name a folder of your own.',
    503,
  ),
  HUB_REPOSITORY_UNKNOWN: yours(
    'Hub: expected a model named {name} at {endpoint}, found none',
    'Check the spelling (most names are org/name). If the model is private or gated, set HF_TOKEN to a token that may read it.',
    404,
  ),
  HUB_REVISION_UNKNOWN: yours(
    'Hub: expected revision {revision} of {name} at {endpoint}, found none',
    'Check the name and the revision: a branch (main), a tag, or the full hash of a commit.',
    404,
  ),
  HUB_ACCESS_DENIED: refused(
    'Hub: expected to be allowed to read {name} at {endpoint}, got {got}',
    'Accept the terms on the page of the model if it is gated, and set HF_TOKEN to a token that may read it.',
    403,
  ),
  HUB_ANSWER_INVALID: refused(
    'Hub: expected {endpoint} to answer for {name} as the Hub does, got {got}',
    'Check HF_ENDPOINT, and whether a proxy or the sign-in page of a network answers instead.',
    502,
  ),
  HUB_CHECKPOINT_INCOMPLETE: yours(
    'Hub: expected {missing} in the repository of {name}, found none',
    'Choose a model that has a config.json, a WordPiece tokenizer and model.safetensors in its top folder.',
    422,
  ),
  HUB_WEIGHTS_PICKLED: yours(
    'Hub: expected model.safetensors in the repository of {name}, got only pytorch_model.bin',
    "A pickle can run any code, so it is never opened. If you trust it, convert it in Python with AutoModel.from_pretrained('{name}').save_pretrained('folder') and the same for AutoTokenizer, then name that folder.",
    422,
  ),
  HUB_FILE_MISMATCH: refused(
    'Hub: expected {file} of {name} to have {expected}, got {got}',
    'The file was deleted. Run the command again; if the error persists, the server or a proxy sends another file.',
    502,
  ),
  HUB_SPACE_LACKING: refused(
    '{folder}: expected {needed} of free space for {name}, got {free}',
    'Free some space, or set HF_HOME to a folder on a larger disk.',
    507,
  ),
  // command line
  SYSTEM_REFUSED: refused('{path}: expected to {action} it, but {reason}', '{remedy}', 409),
  USAGE: yours('{where}: {problem}', '{hint}'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;
