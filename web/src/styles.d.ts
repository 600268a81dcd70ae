// Style sheets that a module imports; vite loads them with it.
declare module '*.css';
