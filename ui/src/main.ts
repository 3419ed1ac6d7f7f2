import { mount } from 'svelte';
import { z } from 'zod';
import './tokens.css';
import './app.css';
import App from './App.svelte';
import { locale } from './i18n/locale.svelte.ts';

// The gateway's policy allows no code made at run time.
z.config({ jitless: true });
locale.language = locale.language;
mount(App, { target: document.body });
