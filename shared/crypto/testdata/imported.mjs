// Writes hashes that implementations in JavaScript make, one JSON object a line. README.md says how to run it.

import { createRequire } from 'node:module'
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import bcrypt from 'bcryptjs'
import * as unixcrypt from 'unixcrypt'

const require = createRequire(import.meta.url)
const { PasswordHasher } = require('aspnetcore-identity-password-hasher/build/PasswordHasher.js')
const { FirebaseScrypt } = require('firebase-scrypt')
const wordpress = require('wordpress-hash-node')

const version = name => `${name} ${require(`./node_modules/${name}/package.json`).version} (npm)`
const short = ['correct horse battery staple', 'x', '', 'räksmörgås 🦀', 'cre\u0300me bru\u0302le\u0301e']
const long = ['a'.repeat(72), 'a'.repeat(100), '🦀'.repeat(20), 'long '.repeat(26), 'é'.repeat(150)]
const line = (made_by, password, hash) => console.log(JSON.stringify({ made_by, password, hash }))
const b64 = bytes => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
const salt = Buffer.from('fbff00112233445566778899aabbccdd', 'hex')

for (const password of [...short, ...long]) {
  line(version('bcryptjs'), password, bcrypt.hashSync(password, '$2a$04$0123456789ABCDEFGHIJK.'))
  line(version('bcryptjs'), password, bcrypt.hashSync(password, '$2b$05$0123456789ABCDEFGHIJK.'))
  line(version('unixcrypt'), password, unixcrypt.encrypt(password, '$5$rounds=1000$saltsalt'))
  line(version('unixcrypt'), password, unixcrypt.encrypt(password, '$6$rounds=1000$saltsalt'))
  for (const [name, digest] of [['sha1', sha1], ['sha256', sha256], ['sha512', sha512]]) {
    const output = pbkdf2(digest, password, salt, { c: 333, dkLen: 32 })
    line(version('@noble/hashes'), password, `$pbkdf2-${name}$i=333$${b64(salt)}$${b64(output)}`)
  }
  const output = scrypt(password, salt, { N: 32, r: 8, p: 2, dkLen: 64 })
  line(version('@noble/hashes'), password, `$scrypt$ln=5,r=8,p=2$${b64(salt)}$${b64(output)}`)
}
const hasher = new PasswordHasher()
hasher.iterCount = 1000
for (const password of ['correct horse battery staple', ...short.slice(1, 2), 'räksmörgås 🦀', ...long]) {
  line(version('aspnetcore-identity-password-hasher'), password, await hasher.hashPasswordV3(password))
}
const key = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=='
for (const password of [...short.filter(text => text), ...long]) {
  const scrypt = new FirebaseScrypt({ memCost: 5, rounds: 8, saltSeparator: 'Bw==', signerKey: key })
  const output = await scrypt.hash(password, '42xEC+ixf3L2lw==')
  line(version('firebase-scrypt'), password, `$firescrypt$ln=5,r=8,p=1$42xEC+ixf3L2lw==$${output}$Bw==$${key}`)
}
line(version('wordpress-hash-node'), short[0], wordpress.HashPassword(short[0]))
// The example of https://github.com/firebase/scrypt.
line('Firebase', 'user1password', `$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$Bw==$${key}`)
