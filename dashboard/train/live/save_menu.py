"""What can be saved of the stage: all of it or its curves as SVG or PNG, and the numbers of the curves."""

from dashboard.shared.components import component

save_menu = component("train/live/save_menu.js")
