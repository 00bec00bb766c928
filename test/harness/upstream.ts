import { cp, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '../../src/lib/exec.ts'

/**
 * Applications that nobody here wrote, as a user would commit them: the files of their Debian packages with links to
 * other packages' files followed, plus only what configures them.
 */

export async function wordpress(folder: string): Promise<string> {
  const theme = 'wordpress-theme-twentytwentythree'
  const root = await unpacked(folder, [
    'wordpress',
    theme,
    ...(await dependencies('wordpress', /^(libjs-|php-getid3)/)),
  ])
  const app = await copied(root, 'usr/share/wordpress', folder)
  await writeFile(join(app, 'wp-config.php'), wordpressConfig)
  await writeFile(join(app, 'berth.yaml'), 'health: /readme.html\n')
  return app
}

const wordpressConfig = `<?php
foreach (['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST'] as $name) define($name, getenv($name));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`

export async function phpmyadmin(folder: string): Promise<string> {
  const root = await unpacked(folder, ['phpmyadmin', ...(await dependencies('phpmyadmin', /^libjs-/))])
  const app = await copied(root, 'usr/share/phpmyadmin', folder)
  const libraries = await dependencies('phpmyadmin', /^php-/)
  await writeFile(join(app, 'berth.yaml'), `build:\n  packages: [${libraries.join(', ')}]\n`)
  return app
}

export async function verdaccio(folder: string): Promise<string> {
  const app = join(folder, 'verdaccio')
  await mkdir(app)
  const manifest = { dependencies: { verdaccio: '6' }, engines: { node: '>=20' } }
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(app, 'Procfile'), 'web: verdaccio --listen 0.0.0.0:$PORT --config config.yaml\n')
  await writeFile(
    join(app, 'config.yaml'),
    'storage: /tmp/storage\nauth: {htpasswd: {file: /tmp/htpasswd}}\npackages: {"**": {access: $all}}\n',
  )
  return app
}

async function dependencies(name: string, wanted: RegExp): Promise<string[]> {
  const text = await output(['apt-cache', 'depends', '--no-recommends', '--no-suggests', name])
  const names = [...text.matchAll(/^\s*\|?Depends: ([a-z0-9.+-]+)$/gm)].map((match) => match[1] ?? '')
  return [...new Set(names.filter((found) => wanted.test(found)))]
}

async function unpacked(folder: string, packages: readonly string[]): Promise<string> {
  const debs = await mkdtemp(join(folder, 'debs-'))
  const root = join(debs, 'root')
  await mkdir(root)
  await output(['apt-get', 'download', ...packages], { cwd: debs })
  const files = (await readdir(debs)).filter((name) => name.endsWith('.deb'))
  for (const file of files) await output(['dpkg-deb', '-x', join(debs, file), root])
  return root
}

/** Links followed; those that lead nowhere in these packages are left out. */
async function copied(root: string, path: string, folder: string): Promise<string> {
  const app = await mkdtemp(join(folder, 'upstream-'))
  await output(['find', root, '-lname', '/*', '-delete'])
  await output(['find', root, '-xtype', 'l', '-delete'])
  await cp(join(root, path), app, { recursive: true, dereference: true })
  return app
}
