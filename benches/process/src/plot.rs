//! Draws how CPU and memory grow with the webhooks.

use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;

use crate::Error;
use crate::candidate::Who;
use crate::growth::{Curve, Point};

const SIZE: (u32, u32) = (960, 420);

/// An SVG of two panels: CPU, and the peak of memory.
pub(crate) fn svg(curves: &[Curve]) -> Result<String, Error> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let (left, right) = area.split_horizontally(SIZE.0 / 2);
        panel(
            &left,
            "CPU of the process, ms",
            curves,
            |point| point.cpu_ms,
            true,
        )?;
        panel(
            &right,
            "Peak of resident memory, MB",
            curves,
            |point| point.peak_mb,
            false,
        )?;
        area.present()?;
    }
    Ok(text)
}

fn colour(who: Who) -> RGBColor {
    match who {
        Who::Ours => RGBColor(0xb7, 0x41, 0x0e),
        Who::Reference => RGBColor(0x00, 0x7d, 0x9c),
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn panel(
    area: &Area<'_>,
    caption: &str,
    curves: &[Curve],
    value: fn(&Point) -> f64,
    logarithmic: bool,
) -> Result<(), Error> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = points().map(value).fold(1.0, f64::max) * 1.15;
    let webhooks = points()
        .map(|point| point.webhooks as f64)
        .fold(1.0, f64::max)
        * 1.2;
    let x = (0.9..webhooks).log_scale();
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(56);
    match logarithmic {
        true => {
            let least = points().map(value).fold(f64::INFINITY, f64::min).max(0.1) * 0.7;
            draw(
                &mut builder.build_cartesian_2d(x, (least..most).log_scale())?,
                curves,
                value,
            )
        }
        false => draw(
            &mut builder.build_cartesian_2d(x, 0.0..most)?,
            curves,
            value,
        ),
    }
}

fn draw<'a, 'b: 'a, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'b>, Cartesian2d<LogCoord<f64>, Y>>,
    curves: &[Curve],
    value: fn(&Point) -> f64,
) -> Result<(), Error>
where
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .x_desc("webhooks")
        .x_label_formatter(&|webhooks| format!("{webhooks:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .light_line_style(RGBColor(0xf0, 0xf0, 0xf0))
        .draw()?;
    for curve in curves {
        let colour = colour(curve.who);
        let line = || {
            curve
                .points
                .iter()
                .map(|point| (point.webhooks as f64, value(point)))
        };
        chart
            .draw_series(LineSeries::new(line(), colour.stroke_width(2)))?
            .label(curve.who.name())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(line().map(|at| Circle::new(at, 4, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(RGBColor(0xc0, 0xc0, 0xc0))
        .draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_curves_are_drawn_and_named() {
        let curve = |who, factor: f64| Curve {
            who,
            points: [1, 100, 5000]
                .map(|webhooks| Point {
                    webhooks,
                    cpu_ms: factor * webhooks as f64,
                    peak_mb: factor * 10.0,
                    calls: 1,
                })
                .into(),
        };
        let svg = svg(&[curve(Who::Ours, 0.1), curve(Who::Reference, 1.5)]).unwrap();
        assert!(svg.starts_with("<svg"));
        for text in ["this provider", "Go reference", "webhooks", "CPU", "memory"] {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!(svg.matches("<circle").count(), 2 * 2 * 3);
    }
}
