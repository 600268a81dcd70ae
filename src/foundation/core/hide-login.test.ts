import { describe, expect, it } from 'vitest';
import { hideLogin } from './hide-login.ts';

describe('an address in a message', () => {
  it.each([
    ['s3://KEY:sec/ret@bucket/folder', 's3://…@bucket/folder'],
    ['s3://KEY:sec@ret?x@bucket', 's3://…@bucket'],
    ['webdavs://user:secret@host', 'webdavs://…@host'],
    ['https://user:sec\nret@host:badport', 'https://…@host:badport'],
    ['https://host/path?X-Amz-Signature=secret', 'https://host/path?…'],
    ['gs://bucket/folder', 'gs://bucket/folder'],
    ['/mnt/me@home/store?', '/mnt/me@home/store?'],
    ['file:///mnt/me@home', 'file:///mnt/me@home'],
  ])('%j is shown as %s', (url, shown) => {
    expect(hideLogin(url)).toBe(shown);
  });
});
