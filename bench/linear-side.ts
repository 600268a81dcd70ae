// Our side of the linear bench, in a separate process: trains on one file, evaluates on another, prints JSON.
// node --import tsx bench/linear-side.ts TRAIN TEST
import { measureAccuracy, trainOnFile } from '../test/linear/titles-protocol.ts';

const [train, test] = process.argv.slice(2);
const trained = await trainOnFile(train!);
const accuracy = await measureAccuracy(trained, test!);
process.stdout.write(`${JSON.stringify({ seconds: trained.seconds, accuracy })}\n`);
