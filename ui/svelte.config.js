import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** Styles go into files: the gateway's policy lets no inline style sheet through. */
export default { preprocess: vitePreprocess(), compilerOptions: { runes: true, css: 'external' } };
