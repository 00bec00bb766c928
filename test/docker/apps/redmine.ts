import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fieldOf } from '../../harness/browser.ts'
import { writeFiles } from '../../harness/builds.ts'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

const web = 'usr/share/redmine'

/** The package's tree with its links followed, on Debian's Rails. */
export const redmine: App = {
  name: 'redmine',
  async tree(folder) {
    await using debian = await unpackDebian(
      'redmine',
      'libjs-chart.js',
      'libjs-jquery',
      'libjs-jquery-ui',
      'libjs-raphael',
      'ruby-jquery-rails',
    )
    // Debian's places for the settings of several sites.
    for (const link of ['Gemfile.lock', 'config/database.yml', 'instances']) await rm(join(debian.root, web, link))
    await debian.copyTo(web, folder)
    await writeFiles(folder, own)
    assert.deepEqual(await debian.changedIn('redmine', web, folder), [])
  },
  builds: /Ruby app detected/,
  ways: ['git push', 'repository'],
  env: ({ host, port, user, password }) => ({
    DB_HOST: host,
    DB_PORT: String(port),
    DB_NAME: 'redmine',
    DB_USER: user,
    DB_PASSWORD: password,
  }),
  once: ['bundle', 'exec', 'rake', 'db:migrate'],
  async serves(site) {
    const page = await site.visit('/login')
    assert.match(page.body, /<title>Redmine<\/title>/)
    const token = fieldOf(page.body, 'authenticity_token')
    const entered = await site.visit('/login', { authenticity_token: token, username: 'admin', password: 'admin' })
    assert.match(entered.body, /Your password has expired|Logged in as/)
  },
}

const gems =
  `actionpack-action-caching actionpack-xml-parser addressable bundler commonmarker csv html-pipeline i18n mail marcel
  mini-magick mini-mime mocha mysql2 net-ldap nokogiri rack rails rails-observers rbpdf redcarpet request-store roadie roadie-rails rotp
  rouge rqrcode sanitize task-list zip`.split(/\s+/)

const own = {
  'instances/default/config/database.yml': `production:
  adapter: mysql2
  encoding: utf8mb4
  host: <%= ENV['DB_HOST'] %>
  port: <%= ENV['DB_PORT'] %>
  database: <%= ENV['DB_NAME'] %>
  username: <%= ENV['DB_USER'] %>
  password: <%= ENV['DB_PASSWORD'] %>
`,
  'Gemfile.local': "gem 'mysql2'\ngem 'puma'\n",
  'berth.yaml': `build:
  packages: [${gems.map((gem) => `ruby-${gem}`).join(', ')}]
health: /favicon.ico
env:
  SECRET_KEY_BASE: { generate: secret }
`,
}
