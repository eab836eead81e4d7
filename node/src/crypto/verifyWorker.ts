// A verifying thread: takes packed batches, answers their verdicts. Holds no key and no state.
import { parentPort, workerData } from 'node:worker_threads';
import { present } from '../../../core/src/assert.js';
import { nodeBackend, sodiumBackend } from './backend.js';
import { verifyPacked } from './verifyJob.js';

const port = present(parentPort, 'runs as a worker');
const backend =
  workerData === 'sodium' ? present(sodiumBackend(), 'sodium loads in threads') : nodeBackend();

port.on('message', ({ id, packed }: { id: number; packed: Uint8Array }) => {
  const verdicts = verifyPacked(backend, packed);
  port.postMessage({ id, verdicts }, [verdicts.buffer]);
});
