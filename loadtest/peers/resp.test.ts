import { describe, expect, test } from 'vitest';
import { RedisError, Replies, type Reply, request } from './resp.ts';

function parsed(...pieces: readonly string[]): Reply[] {
  const replies: Reply[] = [];
  const parser = new Replies((reply) => replies.push(reply));
  for (const piece of pieces) parser.push(Buffer.from(piece));
  return replies;
}

describe('RESP', () => {
  test('a request is an array of bulk strings, lengths in bytes', () => {
    expect(request('SET', 'é', 12)).toBe('*3\r\n$3\r\nSET\r\n$2\r\né\r\n$2\r\n12\r\n');
  });
  test.each<[string, Reply]>([
    [':42\r\n', 42],
    [':-1\r\n', -1],
    ['+OK\r\n', 'OK'],
    ['$5\r\nhe\r\no\r\n', 'he\r\no'],
    ['$0\r\n\r\n', ''],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['*0\r\n', []],
    ['*3\r\n:1\r\n$2\r\nab\r\n*1\r\n+x\r\n', [1, 'ab', ['x']]],
  ])('%j', (text, reply) => {
    expect(parsed(text)).toEqual([reply]);
  });
  test('an error is a value', () => {
    expect(parsed('-ERR no such thing\r\n')).toEqual([new RedisError('ERR no such thing')]);
  });
  test('many replies in one piece', () => {
    expect(parsed(':1\r\n:2\r\n+OK\r\n')).toEqual([1, 2, 'OK']);
  });
  test('replies cut anywhere', () => {
    const text = '*2\r\n:10\r\n$4\r\na\r\nb\r\n:7\r\n';
    for (let cut = 0; cut <= text.length; cut++) {
      expect(parsed(text.slice(0, cut), text.slice(cut))).toEqual([[10, 'a\r\nb'], 7]);
    }
    expect(parsed(...text)).toEqual([[10, 'a\r\nb'], 7]);
  });
  test('what is no reply is not guessed at', () => {
    expect(() => parsed('hello\r\n')).toThrow(/no reply/);
  });
});
