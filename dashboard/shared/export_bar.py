"""The bar under a page's figures: numbers as CSV, a figure as SVG or PNG, the page on paper."""

from dashboard.shared.components import component

along = component("shared/export_bar.js")
