// Fewer window updates. Yamux of libp2p answers every data frame with an update of a dozen bytes:
// as many frames again, each encrypted, written and read by itself, and votes are small. Its
// specification asks for none before the sender needs room (decision 0015).

/** What is read of a yamux stream. */
interface WindowedStream {
  state: number;
  /** Bytes that the window allows in all, and those that are left of it. */
  recvWindow: number;
  recvWindowCapacity: number;
  sendWindowUpdate: () => void;
}

/** Before it a window update also carries the flags that establish the stream. */
const ESTABLISHED = 3;

const isWindowed = (stream: Partial<WindowedStream>): stream is WindowedStream =>
  typeof stream.sendWindowUpdate === 'function' &&
  [stream.state, stream.recvWindow, stream.recvWindowCapacity].every(Number.isInteger);

/** Updates go out once half of the window is used. False where the stream is not of yamux. */
export function saveWindowUpdates(stream: object): boolean {
  if (!isWindowed(stream)) return false;
  const update = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const isRoomy = stream.recvWindowCapacity * 2 > stream.recvWindow;
    if (stream.state !== ESTABLISHED || !isRoomy) update();
  };
  return true;
}
