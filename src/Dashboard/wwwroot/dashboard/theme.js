// Sets the theme before anything is painted, and changes it: as the system wants, light, dark. The choice stays in this browser.
(() => {
    const key = 'healthtrack.theme';
    const choices = ['system', 'light', 'dark'];
    const system = matchMedia('(prefers-color-scheme: dark)');
    let choice = 'system';
    try {
        const stored = localStorage.getItem(key);
        if (choices.includes(stored)) choice = stored;
    } catch {
        // Storage is forbidden: the choice lasts as long as the page.
    }

    const apply = () => {
        const root = document.documentElement;
        root.dataset.themeChoice = choice;
        root.dataset.theme = choice === 'system' ? (system.matches ? 'dark' : 'light') : choice;
    };

    apply();
    system.addEventListener('change', apply);
    document.addEventListener('click', event => {
        if (!event.target.closest('[data-theme-toggle]')) return;
        choice = choices[(choices.indexOf(choice) + 1) % choices.length];
        try {
            localStorage.setItem(key, choice);
        } catch {
            // As above.
        }
        apply();
    });
})();
