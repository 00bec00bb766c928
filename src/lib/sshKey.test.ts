import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { output } from './exec.ts'
import { parseSshKey } from './sshKey.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHP1oqsX0qzNbcXyQ7w4Qh2vYc9s5R6qTRFVqA4q3XvJ'

for (const kind of [['ed25519'], ['rsa', '-b', '2048'], ['ecdsa', '-b', '384']]) {
  test(`a ${kind[0]} key has the fingerprint that OpenSSH prints`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'berth-key-'))
    const [type = '', ...size] = kind
    await output(['ssh-keygen', '-q', '-t', type, ...size, '-N', '', '-C', 'Ada at home', '-f', join(dir, 'key')])
    const parsed = parseSshKey(await readFile(join(dir, 'key.pub'), 'utf8'))
    const printed = await output(['ssh-keygen', '-l', '-f', join(dir, 'key.pub')])
    assert.equal(parsed?.fingerprint, printed.split(' ')[1])
    assert.equal(parsed?.comment, 'Ada at home')
    await rm(dir, { recursive: true })
  })
}

test('a key needs no comment', () => assert.equal(parseSshKey(key)?.comment, ''))

const bad = [
  '',
  'ssh-ed25519',
  'ssh-ed25519 AAAA',
  `command="id" ${key}`,
  `no-pty ${key}`,
  `${key}\n${key}`,
  `${key} x\ncommand="id" ${key}`,
  key.replace('ssh-ed25519', 'ssh-rsa'),
  key.replace('ssh-ed25519', 'ssh-dss'),
  key.replace('AAAAC3', 'AAAA*3'),
  '-----BEGIN OPENSSH PRIVATE KEY-----',
]
for (const line of bad) {
  test(`${JSON.stringify(line.slice(0, 40))} is no public key`, () => assert.equal(parseSshKey(line), undefined))
}
