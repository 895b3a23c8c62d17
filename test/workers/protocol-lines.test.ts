import { expect, test } from 'vitest';
import { ProtocolLines } from '../../src/workers/protocol-lines.ts';

/** The lines of a stream that comes in these chunks, as they are told; no line is longer than eight bytes. */
function told(...chunks: readonly (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const reader = new ProtocolLines(
    {
      line: (bytes) => lines.push(bytes.toString()),
      tooLong: (head, missing) => lines.push(`${head} … ${missing}`),
    },
    8,
  );
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

test('lines are told as they are, wherever the stream was cut', () => {
  const bytes = Buffer.from('one\r\n\n漫画\nlast');
  const lines = ['one\r', '', '漫画', 'last'];
  expect(told(bytes)).toEqual(lines);
  for (let at = 1; at < bytes.length; at += 1)
    expect(told(bytes.subarray(0, at), bytes.subarray(at)), `${at}`).toEqual(lines);
  expect(told(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(lines);
});

test('of a line that is too long the head is told, and how many bytes followed it; the next one is whole', () => {
  for (const chunks of [['12345678', '\n'], ['12345678\n']]) expect(told(...chunks)).toEqual(['12345678']);
  for (const chunks of [['1234567890\nnext\n'], ['1234', '5678', '90', '\nne', 'xt']])
    expect(told(...chunks)).toEqual(['12345678 … 2', 'next']);
  expect(told('123456789')).toEqual(['12345678 … 1']);
});

test('a chunk that is used again changes no line that it began', () => {
  const lines: string[] = [];
  const reader = new ProtocolLines({ line: (bytes) => lines.push(bytes.toString()), tooLong: () => {} });
  const chunk = Buffer.from('half');
  reader.push(chunk);
  chunk.fill('x');
  reader.push(Buffer.from(' whole\n'));
  expect(lines).toEqual(['half whole']);
});
